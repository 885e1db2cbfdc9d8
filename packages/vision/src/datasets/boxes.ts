import { closest } from "../closest.js";
import type { RawObject } from "./types.js";

/** What becomes of one box. `box` and `label` are there unless it is rejected; `kind` and `reason` unless it is ok. */
export interface Verdict {
  status: "ok" | "repaired" | "rejected";
  box?: [number, number, number, number];
  label?: number;
  flags: number;
  kind?: string;
  reason?: string;
}

/**
 * The rules for one box, in order: its class is known, its numbers are numbers, swapped corners are put right, it has an area, and it
 * lies in the picture; what hangs over the edge is cut off.
 *
 * @param labels class name → label
 */
export function judgeBox(object: RawObject, labels: ReadonlyMap<string, number>, size: { width: number; height: number }): Verdict {
  const { name, flags } = object;
  const reject = (kind: string, reason: string): Verdict => ({ status: "rejected", flags, kind, reason });
  if (object.fault) return reject(object.fault.kind, object.fault.message);
  const label = labels.get(name);
  if (label === undefined) return reject("unknown-class", unknownClass(name, labels));
  const text = `box [${object.box.join(", ")}] of ${name}`;
  if (!object.box.every(Number.isFinite)) return reject("not-a-number", `${text} has a corner that is not a number`);

  // Rounded as it will be stored: a side may vanish by that.
  const [x1, y1, x2, y2] = object.box.map(Math.fround) as [number, number, number, number];
  const ordered: Verdict["box"] = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
  const missing = missingSides(ordered);
  if (missing) return reject("no-area", `${text} has no ${missing}`);
  const box = clip(ordered, size);
  if (missingSides(box)) return reject("outside", `${text} lies outside the picture of ${size.width} x ${size.height} pixels`);

  const repairs = [
    (x1 > x2 || y1 > y2) && { kind: "swapped-corners", reason: "its corners are swapped" },
    box.some((value, i) => value !== ordered[i]) && {
      kind: "clipped",
      reason: `it is cut to the picture of ${size.width} x ${size.height} pixels`,
    },
  ].filter((repair) => repair !== false);
  if (repairs.length === 0) return { status: "ok", box, label, flags };
  return {
    status: "repaired",
    box,
    label,
    flags,
    kind: repairs[0]!.kind,
    reason: `${text}: ${repairs.map(({ reason }) => reason).join(", ")}`,
  };
}

/** Tools write six decimals: beyond an edge by less than they can tell apart is on the edge. */
const RELATIVE_PRECISION = 1e-5;

/** From fractions of a picture's sides, rounded to a millionth of a pixel so that what was whole numbers is so again. */
export function inPixels(box: RawObject["box"], { width, height }: { width: number; height: number }): RawObject["box"] {
  return box.map((fraction, i) => {
    const edge = Math.min(Math.max(fraction, 0), 1);
    const near = Math.abs(fraction - edge) < RELATIVE_PRECISION ? edge : fraction;
    return Math.round(near * (i % 2 === 0 ? width : height) * 1e6) / 1e6;
  }) as RawObject["box"];
}

function unknownClass(name: string, labels: ReadonlyMap<string, number>): string {
  if (name === "") return "object without a class name";
  const guess = closest(name, labels.keys());
  return `class ${name} is not in the list of classes${guess ? `; is ${guess} meant?` : ""}`;
}

function missingSides([x1, y1, x2, y2]: readonly [number, number, number, number]): string {
  return [x2 <= x1 && "width", y2 <= y1 && "height"].filter(Boolean).join(" and no ");
}

function clip(box: readonly number[], { width, height }: { width: number; height: number }): [number, number, number, number] {
  return box.map((value, i) => Math.min(Math.max(value, 0), i % 2 === 0 ? width : height)) as [number, number, number, number];
}

import { decimal, linesOf, readText } from "../text-file.js";
import type { Fault, RawObject } from "../types.js";

/**
 * The objects of a label file: `class cx cy width height`, fractions of the picture; or `class x1 y1 x2 y2 x3 y3 …`, an outline, of which
 * the box around it is taken.
 *
 * @throws TextFault when it is no text
 */
export function readLabels(file: string, names: ReadonlyMap<number, string>): RawObject[] {
  return linesOf(readText(file)).map(({ text, line }, i) => {
    const [number = "", ...fields] = text.split(/\s+/);
    const values = fields.map(decimal);
    const name = /^\d+(\.0+)?$/.test(number) ? names.get(Number(number)) : undefined;
    const fault = name === undefined ? unknownNumber(number, names) : fieldFault(fields, values, name);
    return {
      name: name ?? "",
      box: fields.length === 4 ? cornersOf(values) : aroundOutline(values),
      flags: 0,
      line,
      annotation: i + 1,
      ...(fault && { fault }),
    };
  });
}

function unknownNumber(number: string, names: ReadonlyMap<number, string>): Fault {
  const numbers = [...names.keys()];
  return { kind: "unknown-class", message: `class ${number} is not in the list of classes, which has ${numbers[0]} to ${numbers.at(-1)}` };
}

function fieldFault(fields: readonly string[], values: readonly number[], name: string): Fault | undefined {
  const isOutline = values.length >= 6 && values.length % 2 === 0;
  if (values.length !== 4 && !isOutline)
    return { kind: "no-box", message: `${values.length} numbers follow the class ${name}, where four should: centre, width and height` };
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) return { kind: "not-a-number", message: `${JSON.stringify(fields[wrong])} of ${name} is not a number` };
  if (values.some((value) => Math.abs(value) > 2))
    return { kind: "not-relative", message: `box ${fields.slice(0, 4).join(" ")} of ${name} is not in fractions of the picture's sides` };
  if (isOutline) return undefined;
  const missing = [values[2]! <= 0 && "width", values[3]! <= 0 && "height"].filter(Boolean).join(" and no ");
  return missing ? { kind: "no-area", message: `box ${fields.join(" ")} of ${name} has no ${missing}` } : undefined;
}

function cornersOf([x = Number.NaN, y = Number.NaN, width = Number.NaN, height = Number.NaN]: readonly number[]): RawObject["box"] {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

function aroundOutline(values: readonly number[]): RawObject["box"] {
  if (values.length < 6) return [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
  const [xs, ys] = [0, 1].map((side) => values.filter((_, i) => i % 2 === side)) as [number[], number[]];
  const least = (list: readonly number[]) => list.reduce((a, b) => Math.min(a, b));
  const most = (list: readonly number[]) => list.reduce((a, b) => Math.max(a, b));
  return [least(xs), least(ys), most(xs), most(ys)];
}

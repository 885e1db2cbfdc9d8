import type { Picture } from "../../sample.js";
import type { Spans } from "../spans.js";
import { applyInBytes, type ByteColorChange } from "./bytes.js";
import { applyInFloat, type FloatColorChange } from "./float.js";

export type ColorChange = ByteColorChange | FloatColorChange;

/** Changes the pixels of a region in place, one change after the other. */
export function applyColors(image: Picture, region: Spans, changes: readonly ColorChange[]): void {
  for (let from = 0, to = 0; from < changes.length; from = to) {
    const float = isFloat(changes[from]!);
    while (to < changes.length && isFloat(changes[to]!) === float) to++;
    const run = changes.slice(from, to);
    if (float) applyInFloat(image, region, run as FloatColorChange[]);
    else applyInBytes(image, region, run as ByteColorChange[]);
  }
}

const isFloat = ({ change }: ColorChange) => change === "linear" || change === "hsv";

import type { Picture } from "../../sample.js";
import { eachRow, type Spans } from "../spans.js";
import { BLUE_IS, GREEN_IS, HIGH, LOW, RED_IS, sixthOf } from "./hue.js";
import { type ColorMatrix, fused } from "./matrix.js";

/**
 * Changes in float, as pytorch-ssd and GluonCV make them on values of 0 to 255: nothing is rounded or kept within bounds between one
 * and the next.
 */
export type FloatColorChange =
  | { change: "linear"; matrix: ColorMatrix }
  /** hue, saturation, value: hue in degrees added, saturation multiplied; the value stays */
  | { change: "hsv"; hue: number; saturation: number };

/** Changes the pixels of a region in place. They are bytes: after the last change they are rounded and kept within 0 to 255. */
export function applyInFloat(image: Picture, region: Spans, changes: readonly FloatColorChange[]): void {
  const steps = fused(changes);
  const line = new Float64Array(3 * image.width);
  eachRow(image, region, (data, from, to) => {
    for (let i = from; i < to; i++) line[i - from] = data[i]!;
    changeFloats(line.subarray(0, to - from), steps);
    for (let i = from; i < to; i++) data[i] = Math.min(Math.max(line[i - from]! + 0.5, 0), 255); // storing a byte cuts off the fraction
  });
}

/** Changes pixels in place: [.., 3] red, green, blue of 0 to 255. */
export function changeFloats(pixels: Float64Array, changes: readonly FloatColorChange[]): void {
  for (const change of changes) {
    if (change.change === "linear") multiply(pixels, change.matrix);
    else changeHsv(pixels, change.hue, change.saturation);
  }
}

function multiply(pixels: Float64Array, matrix: ColorMatrix): void {
  const [a, b, c, d, e, f, g, h, i, j, k, l] = Float64Array.from(matrix) as unknown as Twelve;
  for (let at = 0; at < pixels.length; at += 3) {
    const red = pixels[at]!;
    const green = pixels[at + 1]!;
    const blue = pixels[at + 2]!;
    pixels[at] = a * red + b * green + c * blue + d;
    pixels[at + 1] = e * red + f * green + g * blue + h;
    pixels[at + 2] = i * red + j * green + k * blue + l;
  }
}

type Three = [number, number, number];
type Twelve = [...Three, ...Three, ...Three, ...Three];

/** As OpenCV's HSV of floats: the value is what the largest channel is; the saturation passes 1 where a channel is negative. */
function changeHsv(pixels: Float64Array, hue: number, saturation: number): void {
  const shift = ((hue / 60) % 6) + 12; // never below 0 with what is added, and 12 is two turns
  for (let at = 0; at < pixels.length; at += 3) {
    const red = pixels[at]!;
    const green = pixels[at + 1]!;
    const blue = pixels[at + 2]!;
    const high = Math.max(red, green, blue);
    const range = high - Math.min(red, green, blue);
    if (range === 0) continue; // grey has no hue
    const sixth = (sixthOf(red, green, blue, high, range) + shift) % 6;
    const sector = sixth | 0;
    const chroma = Math.sign(high) * range * saturation;
    const low = high - chroma;
    const middle = high - chroma * (sector & 1 ? sixth - sector : sector + 1 - sixth);
    pixels[at] = RED_IS[sector] === HIGH ? high : RED_IS[sector] === LOW ? low : middle;
    pixels[at + 1] = GREEN_IS[sector] === HIGH ? high : GREEN_IS[sector] === LOW ? low : middle;
    pixels[at + 2] = BLUE_IS[sector] === HIGH ? high : BLUE_IS[sector] === LOW ? low : middle;
  }
}

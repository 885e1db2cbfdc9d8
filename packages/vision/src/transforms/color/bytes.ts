import type { Picture } from "../../sample.js";
import { eachRow, type Spans } from "../spans.js";
import { type HsvScaling, scaleHsv } from "./hsv-bytes.js";
import { BLUE_IS, GREEN_IS, HIGH, LOW, RED_IS, sixthOf } from "./hue.js";

/** One change of colours in bytes; `factor` as in torchvision's functions of these names, `order` says which channel each channel takes. */
export type ByteColorChange =
  | { change: "brightness" | "contrast" | "saturation"; factor: number }
  /** by `factor` turns, -0.5 to 0.5 */
  | { change: "hue"; factor: number }
  | { change: "channels"; order: readonly [number, number, number] }
  | HsvScaling;

/**
 * Changes the pixels of a region in place, one change after the other, as torchvision's 8-bit functions do.
 *
 * Brightness and contrast look at one value at a time. They are collected in a table of 256 results, through which the next change
 * that looks at whole pixels reads: all changes together take about three passes.
 */
export function applyInBytes(image: Picture, region: Spans, changes: readonly ByteColorChange[]): void {
  let table: Uint8Array = IDENTITY;
  for (const change of changes) {
    if (change.change === "brightness") table = table.map((value) => toByte(change.factor * value));
    else if (change.change === "contrast") table = contrasted(table, change.factor, meanGrey(image, region, table));
    else {
      changePixels(image, region, table, change);
      table = IDENTITY;
    }
  }
  if (table !== IDENTITY) lookUp(image, region, table);
}

const IDENTITY = Uint8Array.from({ length: 256 }, (_, value) => value);

/** factor · value + (1 - factor) · mean */
function contrasted(table: Uint8Array, factor: number, mean: number): Uint8Array {
  return table.map((value) => toByte(factor * value + (1 - factor) * mean));
}

function changePixels(image: Picture, region: Spans, table: Uint8Array, change: ByteColorChange): void {
  if (change.change === "saturation") saturate(image, region, table, change.factor);
  else if (change.change === "hue") turnHue(image, region, table, change.factor);
  else if (change.change === "channels") reorder(image, region, table, change.order);
  else if (change.change === "hsv-scaling") scaleHsv(image, region, table, change);
}

function lookUp(image: Picture, region: Spans, table: Uint8Array): void {
  eachRow(image, region, (data, from, to) => {
    for (let i = from; i < to; i++) data[i] = table[data[i]!]!;
  });
}

function meanGrey(image: Picture, region: Spans, table: Uint8Array): number {
  let [total, count] = [0, 0];
  eachRow(image, region, (data, from, to) => {
    for (let i = from; i < to; i += 3) total += grey(table[data[i]!]!, table[data[i + 1]!]!, table[data[i + 2]!]!);
    count += (to - from) / 3;
  });
  return total / Math.max(count, 1);
}

/** factor · value + (1 - factor) · brightness of the pixel */
function saturate(image: Picture, region: Spans, table: Uint8Array, factor: number): void {
  eachRow(image, region, (data, from, to) => {
    for (let i = from; i < to; i += 3) {
      const r = table[data[i]!]!;
      const g = table[data[i + 1]!]!;
      const b = table[data[i + 2]!]!;
      const rest = (1 - factor) * grey(r, g, b);
      data[i] = toByte(factor * r + rest);
      data[i + 1] = toByte(factor * g + rest);
      data[i + 2] = toByte(factor * b + rest);
    }
  });
}

/** The largest and the smallest channel keep their values and change places as the hue turns; the third slides between them. */
function turnHue(image: Picture, region: Spans, table: Uint8Array, factor: number): void {
  const shift = 6 * factor + 6;
  eachRow(image, region, (data, from, to) => {
    for (let i = from; i < to; i += 3) {
      const r = table[data[i]!]!;
      const g = table[data[i + 1]!]!;
      const b = table[data[i + 2]!]!;
      const high = Math.max(r, g, b);
      const low = Math.min(r, g, b);
      let sixth = (high === low ? 0 : sixthOf(r, g, b, high, high - low)) + shift; // 2 to 14
      while (sixth >= 6) sixth -= 6;
      const sector = sixth | 0;
      const fraction = sector & 1 ? sector + 1 - sixth : sixth - sector;
      const middle = (low + (high - low) * fraction) * ROUND_UP;
      const red = RED_IS[sector]!;
      const green = GREEN_IS[sector]!;
      const blue = BLUE_IS[sector]!;
      data[i] = red === HIGH ? high : red === LOW ? low : middle;
      data[i + 1] = green === HIGH ? high : green === LOW ? low : middle;
      data[i + 2] = blue === HIGH ? high : blue === LOW ? low : middle;
    }
  });
}

/** torchvision makes bytes of [0, 1] by this factor instead of 255, and cuts off the fraction. */
const ROUND_UP = 255.999 / 255;

function reorder(image: Picture, region: Spans, table: Uint8Array, [red, green, blue]: readonly [number, number, number]): void {
  eachRow(image, region, (data, from, to) => {
    for (let i = from; i < to; i += 3) {
      const r = table[data[i + red]!]!;
      const g = table[data[i + green]!]!;
      const b = table[data[i + blue]!]!;
      data[i] = r;
      data[i + 1] = g;
      data[i + 2] = b;
    }
  });
}

/** Brightness in whole grey levels. */
const grey = (r: number, g: number, b: number) => (0.2989 * r + 0.587 * g + 0.114 * b) | 0;

/** Within 0 to 255; storing it as a byte cuts off the fraction. */
const toByte = (value: number) => Math.min(Math.max(value, 0), 255);

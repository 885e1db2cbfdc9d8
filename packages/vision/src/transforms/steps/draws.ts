import { below, type Draw } from "../../random.js";

export type Interval = readonly [low: number, high: number];
export type Color = readonly [red: number, green: number, blue: number];

export interface ChanceOptions {
  p?: number;
}

const { fround } = Math;

// torch computes these in float32: where a side lands on a whole number, that decides about a pixel.
export const drawFactor = (draw: Draw, [low, high]: Interval) => fround(fround(low) + fround(fround(high - low) * fround(draw())));
export const share = (length: number, factor: number) => Math.floor(fround(length * fround(factor)));

/** Whether a change with probability p is made, where the originals ask for a number of at least 1 - p. */
export const happens = (draw: Draw, p: number) => draw() >= 1 - p;

/** One of a list. */
export const oneOf = <T>(draw: Draw, list: readonly T[]): T => list[below(draw, list.length)]!;

import { expectClose, goldenPicture, type StatisticRecord } from "@singleshot/testing";
import { expect } from "vitest";
import type { Picture } from "../../sample.js";
import { rectangle, type Spans } from "../spans.js";
import { type Size, type View, viewOf, type Window } from "../view.js";

export const pictureOf = (recipe: { name: string; width: number; height: number; block: number }): Picture => {
  return { data: goldenPicture(recipe), width: recipe.width, height: recipe.height };
};

/** All of a picture. */
export const wholeOf = ({ width, height }: Size): Spans => rectangle(height, { from: 0, to: width }, { from: 0, to: height });

export const flat = (boxes: number[][]) => Float32Array.from(boxes.flat());

/** A view with boxes of the labels 1, 2, 3. */
export const marked = (
  width: number,
  height: number,
  boxes: number[][],
  image: Picture = { data: new Uint8Array(0), width, height },
): View => viewOf({ image, boxes: flat(boxes), labels: Int32Array.from(boxes, (_, i) => i + 1), flags: new Uint8Array(boxes.length) });

export const unmarked = (image: Picture): View => marked(image.width, image.height, [], image);

/** Indices of the boxes that are left. */
export const kept = (view: View) => [...view.labels].map((label) => label - 1);

/** Which part of the picture an unturned view of unchanged scale shows. */
export function windowOf({ toPicture: [, , left, , , top], size }: View): Window {
  return { left, top, ...size };
}

/** [H, W, 3] → [3, H, W] */
export function planes(data: ArrayLike<number>): Float64Array {
  const area = data.length / 3;
  return Float64Array.from({ length: data.length }, (_, i) => data[(i % area) * 3 + Math.floor(i / area)]!);
}

/** Grey levels: the largest difference of the listed pixels, and the mean over all. The record may be [3, H, W] or [H, W, 3]. */
export function expectBytes(
  ours: Picture,
  record: StatisticRecord,
  { largest, mean, name }: { largest: number; mean: number; name: string },
): void {
  const planar = record.shape[0] === 3;
  const values = planar ? planes(ours.data) : Float64Array.from(ours.data);
  const shape = planar ? [3, ours.height, ours.width] : [ours.height, ours.width, 3];
  expect(shape, name).toEqual(record.shape);
  expectClose(
    record.idx.map((i) => values[i]!),
    record.val,
    { atol: largest, name },
  );
  const theirs = record.sum / values.length;
  expectClose([values.reduce((a, b) => a + b) / values.length], [theirs], { atol: mean, name: `${name}, mean` });
}

/** Float pictures of 0 to 255, [H, W, 3], within 1e-3 grey levels. */
export function expectFloats(ours: ArrayLike<number>, record: StatisticRecord, name: string): void {
  expect(ours.length, name).toBe(record.shape.reduce((a, b) => a * b));
  expectClose(
    record.idx.map((i) => ours[i]!),
    record.val,
    { atol: 1e-3, name },
  );
  const sum = Array.from(ours).reduce((a, b) => a + b, 0);
  expectClose([sum / ours.length], [record.sum / ours.length], { atol: 1e-3, name: `${name}, mean` });
}

/** Numbers to draw, one after the other; `float32` where the original draws such. */
export function drawn(u: readonly number[], { float32 = false } = {}): (() => number) & { left: () => number } {
  const queue = float32 ? u.map(Math.fround) : [...u];
  return Object.assign(() => queue.shift()!, { left: () => queue.length });
}

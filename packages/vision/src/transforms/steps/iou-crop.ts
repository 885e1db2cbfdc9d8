import { below, type Draw } from "../../random.js";
import { clipBoxes, crop, selectMarks, type View, type Window } from "../view.js";
import { drawFactor, type Interval, share } from "./draws.js";

export interface IouCropOptions {
  /** one is drawn: some box must overlap the crop at least so much; 1 leaves the picture as it is */
  minIous?: readonly number[];
  /** sides of the crop in sides of the picture */
  scale?: Interval;
  /** width / height of the crop */
  aspect?: Interval;
  /** attempts until another overlap is drawn */
  trials?: number;
}

/** A random part of the picture in which at least one object is still to be recognised (torchvision's RandomIoUCrop). */
export function iouCrop(
  view: View,
  draw: Draw,
  { minIous = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1], scale = [0.3, 1], aspect = [0.5, 2], trials = 40 }: IouCropOptions = {},
): View {
  if (view.labels.length === 0) return view; // no crop could be accepted
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const minIou = minIous[below(draw, minIous.length)]!;
    if (minIou >= 1) return view;
    for (let trial = 0; trial < trials; trial++) {
      const part = randomPart(view, draw, scale, aspect);
      const seen = part && cropIfOverlapping(view, part, minIou);
      if (seen) return seen;
    }
  }
  return view;
}

/** torchvision draws until it has a crop or the 1; a list of overlaps without the 1 might go on for ever. */
export const MAX_ROUNDS = 100;

/** Undefined when the drawn sides are too unlike. */
function randomPart(view: View, draw: Draw, scale: Interval, aspect: Interval): Window | undefined {
  const { size } = view;
  const width = share(size.width, drawFactor(draw, scale));
  const height = share(size.height, drawFactor(draw, scale));
  if (!aspectFits(width, height, aspect)) return undefined;
  const left = share(size.width - width, draw());
  const top = share(size.height - height, draw());
  return { left, top, width, height };
}

/** An empty crop fits no ratio. */
export function aspectFits(width: number, height: number, [low, high]: Interval): boolean {
  return width > 0 && width / height >= low && width / height <= high;
}

/** The crop with the boxes whose centers lie in it, cut at its edges; undefined when there is none or none overlaps enough. */
export function cropIfOverlapping(view: View, part: Window, minIou: number): View | undefined {
  const kept = centeredIn(view.boxes, part);
  const best = Math.max(...kept.map((i) => iouWith(view.boxes.subarray(4 * i, 4 * i + 4), part)));
  return kept.length > 0 && Math.fround(best) >= Math.fround(minIou) ? clipBoxes(crop(selectMarks(view, kept), part)) : undefined;
}

/** Whether a center on an edge lies within: nowhere, or on the first of two, left or upper. */
export type Ends = "none" | "first";

/** Which boxes have their center in the window. */
export function centeredIn(boxes: Float32Array, { left, top, width, height }: Window, ends: Ends = "none"): number[] {
  const indices = Array.from({ length: boxes.length / 4 }, (_, i) => i);
  return indices.filter((i) => {
    const x = (boxes[4 * i]! + boxes[4 * i + 2]!) / 2;
    const y = (boxes[4 * i + 1]! + boxes[4 * i + 3]!) / 2;
    const behindFirst = ends === "first" ? x >= left && y >= top : x > left && y > top;
    return behindFirst && x < left + width && y < top + height;
  });
}

export function iouWith([x1, y1, x2, y2]: Float32Array, { left, top, width, height }: Window): number {
  const across = Math.min(x2!, left + width) - Math.max(x1!, left);
  const down = Math.min(y2!, top + height) - Math.max(y1!, top);
  const common = Math.max(across, 0) * Math.max(down, 0);
  return common / ((x2! - x1!) * (y2! - y1!) + width * height - common);
}

import type { Marks } from "../sample.js";
import { type Affine, compose, IDENTITY, inverse, mapBoxes, translation } from "./affine.js";
import type { ColorChange } from "./color/index.js";
import type { Interpolation } from "./filter.js";

export interface Size {
  width: number;
  height: number;
}

/** A rectangle of whole pixels. */
export interface Window extends Size {
  left: number;
  top: number;
}

/** The points with a x + b y ≥ c. */
export type HalfPlane = readonly [a: number, b: number, c: number];

/**
 * What will be seen of a picture, before any pixel is touched: a frame, a map that takes it into the picture, and the boxes in it.
 * Each step of an augmentation takes a view and gives the next; `render` then makes the pixels in one pass.
 *
 * Boxes and `size` are in pixels of what is seen. Points are measured from the upper left corner of the upper left pixel, whose
 * center is (½, ½).
 */
export interface View extends Marks {
  size: Size;
  /** takes a point that is seen to its place in the picture */
  toPicture: Affine;
  /** what earlier frames have left of the picture, in points of the picture; everything else that is seen is `fill` */
  visible: readonly HalfPlane[];
  /** where picture and fill meet: `blend` as pixels of one canvas, `cut` as a picture laid upon it */
  edge: "blend" | "cut";
  fill: readonly [red: number, green: number, blue: number];
  colors: readonly ColorChange[];
  interpolation: Interpolation;
  /** boxes below are dropped, in pixels of the result */
  smallest: { side: number; area: number };
}

/** The whole picture as it is. */
export function viewOf({ image: { width, height }, boxes, labels, flags }: Marks & { image: Size }): View {
  return {
    ...{ boxes, labels, flags },
    size: { width, height },
    toPicture: IDENTITY,
    visible: [],
    edge: "blend",
    fill: [0, 0, 0],
    colors: [],
    interpolation: "bilinear",
    smallest: { side: 0, area: 0 },
  };
}

/** Size of what is seen, in pixels. */
export function sizeOf({ size }: View): Size {
  return size;
}

/** The same frame from another side: `forward` takes what was seen to where it is seen now, and the frame onto the new one. */
function turned(view: View, forward: Affine, size: Size): View {
  return { ...view, size, toPicture: compose(view.toPicture, inverse(forward)), boxes: mapBoxes(view.boxes, forward) };
}

/** Left and right change places. */
export function flip(view: View): View {
  return turned(view, [-1, 0, view.size.width, 0, 1, 0], view.size);
}

/** Top and bottom change places. */
export function flipVertical(view: View): View {
  return turned(view, [1, 0, 0, 0, -1, view.size.height], view.size);
}

/** A quarter turn clockwise. */
export function rotate(view: View): View {
  const { width, height } = view.size;
  return turned(view, [0, -1, height, 1, 0, 0], { width: height, height: width });
}

/**
 * Another frame: `forward` takes what was seen to its place in the new frame of the given size. What was not seen does not come back,
 * there is fill. Boxes become the upright hulls of where they go; none is cut.
 */
export function reframe(view: View, forward: Affine, size: Size): View {
  return { ...turned(view, forward, size), visible: [...view.visible, ...frameOf(view)] };
}

/** The four edges of what is seen, in points of the picture. */
function frameOf({ toPicture, size }: View): HalfPlane[] {
  const [a, b, c, d, e, f] = inverse(toPicture);
  return [
    [a, b, -c],
    [-a, -b, c - size.width],
    [d, e, -f],
    [-d, -e, f - size.height],
  ];
}

/** Looks at a part of what is seen, or, with a window that reaches beyond it, from further away. Boxes move along; none is cut. */
export function crop(view: View, { left, top, width, height }: Window): View {
  return reframe(view, translation(-left, -top), { width, height });
}

/** Stretches what is seen to another size. */
export function resize(view: View, size: Size): View {
  const stretch: Affine = [size.width / view.size.width, 0, 0, 0, size.height / view.size.height, 0];
  return { ...reframe(view, stretch, size), edge: "cut" };
}

/** Keeps the objects with these indices. */
export function selectMarks<T extends Marks>(marks: T, kept: readonly number[]): T {
  return {
    ...marks,
    boxes: Float32Array.from(kept.flatMap((i) => [...marks.boxes.subarray(4 * i, 4 * i + 4)])),
    labels: Int32Array.from(kept, (i) => marks.labels[i]!),
    flags: Uint8Array.from(kept, (i) => marks.flags[i]!),
  };
}

/** Cuts the boxes at the edges of what is seen. */
export function clipBoxes(view: View, { width, height }: Size = view.size): View {
  const boxes = view.boxes.map((value, i) => Math.min(Math.max(value, 0), i % 2 === 0 ? width : height));
  return { ...view, boxes };
}

/** Drops boxes with a side or an area below the given ones, in the boxes' own pixels (torchvision's SanitizeBoundingBoxes: side 1). */
export function dropSmall<T extends Marks>(marks: T, { side, area }: View["smallest"]): T {
  const { boxes, labels } = marks;
  const all = Array.from(labels, (_, i) => i);
  const kept = all.filter((i) => {
    const [width, height] = [boxes[4 * i + 2]! - boxes[4 * i]!, boxes[4 * i + 3]! - boxes[4 * i + 1]!];
    return width >= side && height >= side && width * height >= area;
  });
  return kept.length === all.length ? marks : selectMarks(marks, kept);
}

/** Boxes of a picture that is stretched from one size to another. */
export function scaleBoxes(boxes: Float32Array, from: Size, to: Size): Float32Array {
  return mapBoxes(boxes, [to.width / from.width, 0, 0, 0, to.height / from.height, 0]);
}

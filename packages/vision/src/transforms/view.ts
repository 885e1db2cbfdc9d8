import type { Marks, Picture } from "../sample.js";
import type { ColorChange } from "./color.js";

/** A rectangle of whole pixels. */
export interface Window {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * What will be seen of a picture, before any pixel is touched: a window on it, turned, with the boxes in it. Each step of an
 * augmentation takes a view and gives the next; `render` then makes the pixels in one pass.
 *
 * Boxes are in pixels of what is seen, which is `sizeOf(view)` large.
 */
export interface View extends Marks {
  /** in pixels of the picture; may reach beyond it */
  window: Window;
  /** the part of the picture that shows; everything else in the window is `fill` */
  visible: Window;
  /** a point (u, v) of what is seen lies in the window at (u, v), first swapped, then measured from the far edges */
  turn: { swapped: boolean; fromRight: boolean; fromBottom: boolean };
  fill: readonly [red: number, green: number, blue: number];
  colors: readonly ColorChange[];
}

/** The whole picture as it is. */
export function viewOf({ image, boxes, labels, flags }: Marks & { image: Picture }): View {
  const window = { left: 0, top: 0, width: image.width, height: image.height };
  const turn = { swapped: false, fromRight: false, fromBottom: false };
  return { boxes, labels, flags, window, visible: window, turn, fill: [0, 0, 0], colors: [] };
}

/** Size of what is seen, in pixels. */
export function sizeOf({ window, turn }: View): { width: number; height: number } {
  return turn.swapped ? { width: window.height, height: window.width } : { width: window.width, height: window.height };
}

/** Looks at a part of what is seen, or, with a window that reaches beyond it, from further away. Boxes move along; none is cut. */
export function crop(view: View, part: Window): View {
  const { window, turn, visible } = view;
  const inner = turn.swapped ? { left: part.top, top: part.left, width: part.height, height: part.width } : part;
  const left = turn.fromRight ? window.width - inner.left - inner.width : inner.left;
  const top = turn.fromBottom ? window.height - inner.top - inner.height : inner.top;
  return {
    ...view,
    window: { left: window.left + left, top: window.top + top, width: inner.width, height: inner.height },
    visible: intersection(visible, window), // what an earlier crop has cut off does not come back
    boxes: mapBoxes(view.boxes, (x1, y1, x2, y2) => [x1 - part.left, y1 - part.top, x2 - part.left, y2 - part.top]),
  };
}

/** Left and right change places. */
export function flip(view: View): View {
  const { width } = sizeOf(view);
  return {
    ...view,
    turn: mirrored(view.turn, !view.turn.swapped),
    boxes: mapBoxes(view.boxes, (x1, y1, x2, y2) => [width - x2, y1, width - x1, y2]),
  };
}

/** Top and bottom change places. */
export function flipVertical(view: View): View {
  const { height } = sizeOf(view);
  return {
    ...view,
    turn: mirrored(view.turn, view.turn.swapped),
    boxes: mapBoxes(view.boxes, (x1, y1, x2, y2) => [x1, height - y2, x2, height - y1]),
  };
}

/** A quarter turn clockwise. */
export function rotate(view: View): View {
  const transposed = { ...view, turn: { ...view.turn, swapped: !view.turn.swapped } };
  return flip({ ...transposed, boxes: mapBoxes(view.boxes, (x1, y1, x2, y2) => [y1, x1, y2, x2]) });
}

function mirrored(turn: View["turn"], alongWidth: boolean): View["turn"] {
  return alongWidth ? { ...turn, fromRight: !turn.fromRight } : { ...turn, fromBottom: !turn.fromBottom };
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
export function clipBoxes<T extends View>(view: T): T {
  const { width, height } = sizeOf(view);
  const within = (value: number, limit: number) => Math.min(Math.max(value, 0), limit);
  return {
    ...view,
    boxes: mapBoxes(view.boxes, (x1, y1, x2, y2) => [within(x1, width), within(y1, height), within(x2, width), within(y2, height)]),
  };
}

/** Drops boxes with a side below `minSize` pixels of what is seen (torchvision's SanitizeBoundingBoxes). */
export function dropSlivers(view: View, minSize = 1): View {
  const { boxes, labels } = view;
  const all = Array.from(labels, (_, i) => i);
  const kept = all.filter((i) => boxes[4 * i + 2]! - boxes[4 * i]! >= minSize && boxes[4 * i + 3]! - boxes[4 * i + 1]! >= minSize);
  return kept.length === all.length ? view : selectMarks(view, kept);
}

/** Boxes of a picture that is stretched from one size to another. */
export function scaleBoxes(
  boxes: Float32Array,
  from: { width: number; height: number },
  to: { width: number; height: number },
): Float32Array {
  const [x, y] = [to.width / from.width, to.height / from.height];
  return mapBoxes(boxes, (x1, y1, x2, y2) => [x1 * x, y1 * y, x2 * x, y2 * y]);
}

type Corners = [x1: number, y1: number, x2: number, y2: number];

function mapBoxes(boxes: Float32Array, change: (...corners: Corners) => Corners): Float32Array {
  const result = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i += 4) result.set(change(boxes[i]!, boxes[i + 1]!, boxes[i + 2]!, boxes[i + 3]!), i);
  return result;
}

/** Empty when the two do not meet. */
function intersection(a: Window, b: Window): Window {
  const [left, top] = [Math.max(a.left, b.left), Math.max(a.top, b.top)];
  const width = Math.min(a.left + a.width, b.left + b.width) - left;
  const height = Math.min(a.top + a.height, b.top + b.height) - top;
  return { left, top, width: Math.max(width, 0), height: Math.max(height, 0) };
}

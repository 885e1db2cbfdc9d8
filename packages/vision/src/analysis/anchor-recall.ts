import type { BoxArray } from "../boxes/index.js";
import { binOf } from "./shapes.js";

/** Which anchor overlaps each object most. */
export interface AnchorFit {
  /** [n] the overlap */
  iou: Float64Array;
  /** [n] the anchor's number */
  anchor: Int32Array;
}

/**
 * The best anchor for each object: an upper bound of what matching can give.
 *
 * @param boxes [n, 4] objects, and
 * @param anchors [A, 4] in pixels of the network's input
 */
export function bestAnchors(boxes: BoxArray, anchors: BoxArray): AnchorFit {
  const n = boxes.length / 4;
  const fit = { iou: new Float64Array(n), anchor: new Int32Array(n) };
  for (let i = 0; i < n; i++) fitBox(boxes, 4 * i, anchors, fit, i);
  return fit;
}

function fitBox(boxes: BoxArray, at: number, anchors: BoxArray, fit: AnchorFit, i: number): void {
  const [x1, y1, x2, y2] = [boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!];
  const area = (x2 - x1) * (y2 - y1);
  for (let a = 0; a < anchors.length; a += 4) {
    const width = Math.min(x2, anchors[a + 2]!) - Math.max(x1, anchors[a]!);
    if (width <= 0) continue;
    const height = Math.min(y2, anchors[a + 3]!) - Math.max(y1, anchors[a + 1]!);
    if (height <= 0) continue;
    const common = width * height;
    const iou = common / (area + (anchors[a + 2]! - anchors[a]!) * (anchors[a + 3]! - anchors[a + 1]!) - common);
    if (iou > fit.iou[i]!) [fit.iou[i], fit.anchor[i]] = [iou, a / 4];
  }
}

/** How well anchors reach a group of objects. */
export interface AnchorRecall {
  objects: number;
  /** share of the objects that some anchor overlaps at least so much, one entry a threshold; null of no objects */
  recall: (number | null)[];
  /** mean overlap with the best anchor */
  meanIou: number | null;
}

/** The best recall that anchors allow, of some of the objects. */
export function anchorRecall(iou: ArrayLike<number>, objects: ArrayLike<number>, thresholds: readonly number[]): AnchorRecall {
  const own = Array.from(objects, (i) => iou[i]!);
  const share = (count: number) => (own.length === 0 ? null : count / own.length);
  return {
    objects: own.length,
    recall: thresholds.map((threshold) => share(own.filter((value) => value >= threshold).length)),
    meanIou: share(own.reduce((sum, value) => sum + value, 0)),
  };
}

/** Sides in pixels of the network's input that divide objects by size, by factors of two. */
export const SIZE_EDGES = [0, 16, 32, 64, 128, 256, Number.POSITIVE_INFINITY];

/** `under 16`, `16 to 32` …, one entry a bin of `SIZE_EDGES` */
export const SIZE_NAMES = SIZE_EDGES.slice(1).map((high, i) =>
  i === 0 ? `under ${high}` : high === Number.POSITIVE_INFINITY ? `${SIZE_EDGES[i]} and more` : `${SIZE_EDGES[i]} to ${high}`,
);

/** The numbers of the objects of each size, one list a bin of `SIZE_EDGES`. */
export function groupBySize(sides: ArrayLike<number>): number[][] {
  const groups = SIZE_NAMES.map((): number[] => []);
  for (let i = 0; i < sides.length; i++) groups[binOf(sides[i]!, SIZE_EDGES)]!.push(i);
  return groups;
}

/** The numbers of the objects of each class; label l is at l - 1. */
export function groupByLabel(labels: ArrayLike<number>, classes: number): number[][] {
  const groups = Array.from({ length: classes }, (): number[] => []);
  for (let i = 0; i < labels.length; i++) groups[labels[i]! - 1]!.push(i);
  return groups;
}

import {
  type AnchorRecall,
  anchorRecall,
  bestAnchors,
  groupByLabel,
  groupBySize,
  SIZE_NAMES,
  type Size,
  sidesOf,
  takeBoxes,
} from "@singleshot/vision";
import type { MapAnchors } from "./maps.js";
import type { SeenObjects } from "./objects.js";

/** How well anchors reach some of the objects. */
export interface AnchorGroup extends AnchorRecall {
  name: string;
}

/** The best recall that anchors allow on a data set: the result of `singleshot anchors check`. */
export interface AnchorCheck {
  /** of the largest input that occurs */
  anchors: number;
  /** overlaps from which on an object counts as reached */
  thresholds: number[];
  all: AnchorGroup;
  /** by the side of a square of equal area, in pixels of the network's input */
  bySize: AnchorGroup[];
  byClass: AnchorGroup[];
  /** what no anchor reaches at the first threshold, in words */
  remarks: string[];
}

/** The anchors for a size of the input. */
export type AnchorsFor = (canvas: Size) => readonly Pick<MapAnchors, "anchors">[];

/** @param thresholds the first is the one that the remarks are about */
export function checkAnchors(
  objects: SeenObjects,
  anchorsFor: AnchorsFor,
  { classes, thresholds }: { classes: readonly string[]; thresholds: readonly number[] },
): AnchorCheck {
  const fit = fitObjects(objects, anchorsFor);
  const sides = sidesOf(objects.boxes);
  const group = (name: string, members: ArrayLike<number>): AnchorGroup => ({ name, ...anchorRecall(fit.iou, members, thresholds) });
  const byLabel = groupByLabel(objects.labels, classes.length);
  return {
    anchors: fit.anchors,
    thresholds: [...thresholds],
    all: group("all", Array.from(objects.labels.keys())),
    bySize: groupBySize(sides)
      .map((members, i) => group(SIZE_NAMES[i]!, members))
      .filter((one) => one.objects > 0),
    byClass: byLabel.map((members, i) => group(classes[i]!, members)),
    remarks: byLabel.flatMap((members, i) => remark(classes[i]!, members, fit, sides, thresholds[0]!)),
  };
}

interface Fit {
  /** [n] each object's overlap with its best anchor */
  iou: Float64Array;
  anchors: number;
  /** sides of the anchors */
  smallest: number;
  largest: number;
}

/** Canvas by canvas. */
function fitObjects({ boxes, canvas, canvases }: SeenObjects, anchorsFor: AnchorsFor): Fit {
  const fit = { iou: new Float64Array(canvas.length), anchors: 0, smallest: Number.POSITIVE_INFINITY, largest: 0 };
  canvases.forEach((size, number) => {
    const anchors = Float32Array.from(anchorsFor(size).flatMap((map) => [...map.anchors]));
    const members = [...canvas.keys()].filter((i) => canvas[i] === number);
    bestAnchors(takeBoxes(boxes, members), anchors).iou.forEach((value, m) => {
      fit.iou[members[m]!] = value;
    });
    fit.anchors = Math.max(fit.anchors, anchors.length / 4);
    for (const side of sidesOf(anchors)) [fit.smallest, fit.largest] = [Math.min(fit.smallest, side), Math.max(fit.largest, side)];
  });
  return fit;
}

/** A sentence on the objects of a class that no anchor reaches, and why that may be. */
function remark(name: string, members: readonly number[], fit: Fit, sides: Float64Array, threshold: number): string[] {
  const lost = members.filter((i) => fit.iou[i]! < threshold);
  if (lost.length === 0) return [];
  const own = lost.map((i) => sides[i]!);
  const [low, high] = [Math.min(...own), Math.max(...own)];
  const range = Math.round(low) === Math.round(high) ? `${Math.round(low)}` : `${Math.round(low)} to ${Math.round(high)}`;
  const share = `${whole(lost.length)} of ${whole(members.length)} ${name} (sides of ${range} px)`;
  return [`No anchor overlaps ${share} by ${threshold} or more${reason(low, high, fit)}.`];
}

const whole = (count: number) => count.toLocaleString("en-US");

function reason(low: number, high: number, { smallest, largest }: Fit): string {
  if (high < smallest) return `: they are smaller than the smallest anchor (${Math.round(smallest)} px)`;
  if (low > largest) return `: they are larger than the largest anchor (${Math.round(largest)} px)`;
  return ": they lie between two centres, or their shape is unlike all anchors'";
}

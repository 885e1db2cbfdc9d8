import {
  type AnchorRecall,
  anchorRecall,
  type BoxArray,
  bestAnchors,
  groupByLabel,
  groupBySize,
  SIZE_NAMES,
  sidesOf,
} from "@singleshot/vision";
import type { SeenObjects } from "./objects.js";

/** How well anchors reach some of the objects. */
export interface AnchorGroup extends AnchorRecall {
  name: string;
}

/** The best recall that anchors allow on a data set: the result of `singleshot anchors check`. */
export interface AnchorCheck {
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

/**
 * @param anchors [A, 4] in pixels of the network's input
 * @param thresholds the first is the one that the remarks are about
 */
export function checkAnchors(
  { boxes, labels }: SeenObjects,
  anchors: BoxArray,
  { classes, thresholds }: { classes: readonly string[]; thresholds: readonly number[] },
): AnchorCheck {
  const { iou } = bestAnchors(boxes, anchors);
  const sides = sidesOf(boxes);
  const group = (name: string, objects: ArrayLike<number>): AnchorGroup => ({ name, ...anchorRecall(iou, objects, thresholds) });
  const byLabel = groupByLabel(labels, classes.length);
  return {
    anchors: anchors.length / 4,
    thresholds: [...thresholds],
    all: group("all", Array.from(labels.keys())),
    bySize: groupBySize(sides)
      .map((objects, i) => group(SIZE_NAMES[i]!, objects))
      .filter(({ objects }) => objects > 0),
    byClass: byLabel.map((objects, i) => group(classes[i]!, objects)),
    remarks: byLabel.flatMap((objects, i) => remark(classes[i]!, objects, { iou, sides, anchors, threshold: thresholds[0]! })),
  };
}

interface Facts {
  iou: Float64Array;
  sides: Float64Array;
  anchors: BoxArray;
  threshold: number;
}

/** A sentence on the objects of a class that no anchor reaches, and why that may be. */
function remark(name: string, objects: readonly number[], { iou, sides, anchors, threshold }: Facts): string[] {
  const lost = objects.filter((i) => iou[i]! < threshold);
  if (lost.length === 0) return [];
  const own = lost.map((i) => sides[i]!);
  const [low, high] = [Math.min(...own), Math.max(...own)];
  const range = Math.round(low) === Math.round(high) ? `${Math.round(low)}` : `${Math.round(low)} to ${Math.round(high)}`;
  const share = `${whole(lost.length)} of ${whole(objects.length)} ${name} (sides of ${range} px)`;
  return [`No anchor overlaps ${share} by ${threshold} or more${reason(low, high, anchors)}.`];
}

const whole = (count: number) => count.toLocaleString("en-US");

function reason(low: number, high: number, anchors: BoxArray): string {
  let [smallest, largest] = [Number.POSITIVE_INFINITY, 0];
  for (const side of sidesOf(anchors)) [smallest, largest] = [Math.min(smallest, side), Math.max(largest, side)];
  if (high < smallest) return `: they are smaller than the smallest anchor (${Math.round(smallest)} px)`;
  if (low > largest) return `: they are larger than the largest anchor (${Math.round(largest)} px)`;
  return ": they lie between two centres, or their shape is unlike all anchors'";
}

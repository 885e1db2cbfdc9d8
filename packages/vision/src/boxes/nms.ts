import type { IouOptions } from "./iou.js";
import { bestOf, topK } from "./top-k.js";

export interface SuppressionOptions extends IouOptions {
  /** a box goes when its IoU with a better one that stays is above this; 0 .. 1 */
  iouThreshold: number;
  /** also when it is just as much */
  inclusive?: boolean;
  /** what the common area is divided by: that of both boxes together, or of the smaller one */
  overlap?: "union" | "smaller";
}

export interface NmsOptions extends SuppressionOptions {
  /** only scores above it take part */
  scoreThreshold?: number;
  /** only so many of the best take part */
  candidates?: number;
  /** stops when so many are kept */
  maxDetections?: number;
}

/**
 * Greedy non-maximum suppression: from the best score down, a box stays unless it overlaps one that stays already.
 * Agrees with torchvision's `nms`, in float32 arithmetic too; with `epsilon` and `candidates` with pytorch-ssd's `hard_nms`.
 *
 * @param boxes [n, 4]
 * @param scores [n]; a NaN never takes part
 * @returns indices of the boxes that stay, best first; of equal scores the lower index first
 */
export function nms(boxes: Float32Array, scores: Float32Array, options: NmsOptions): Uint32Array {
  const order = topK(scores, options.candidates, options.scoreThreshold);
  return suppress(boxes, order, options, options.maxDetections);
}

export interface ClasswiseNmsOptions extends Omit<NmsOptions, "candidates"> {
  /** only so many of the best of each class take part */
  candidatesPerClass?: number;
}

/**
 * Non-maximum suppression in which only boxes of the same label compete, as torchvision's `batched_nms`.
 *
 * @param labels [n] whole numbers, not negative
 * @returns indices of the boxes that stay, best first over all classes; of equal scores the lower index first
 */
export function classwiseNms(
  boxes: Float32Array,
  scores: Float32Array,
  labels: ArrayLike<number>,
  options: ClasswiseNmsOptions,
): Uint32Array {
  const { scoreThreshold = Number.NEGATIVE_INFINITY, candidatesPerClass = scores.length, maxDetections } = options;
  const kept = byLabel(scores, labels, scoreThreshold).map((group) => [
    ...suppress(boxes, bestOf(scores, group, candidatesPerClass), options),
  ]);
  const order = Uint32Array.from(kept.flat()).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return order.subarray(0, maxDetections);
}

/** The indices with a score above the threshold, one list a label, each in ascending order. */
function byLabel(scores: Float32Array, labels: ArrayLike<number>, threshold: number): Uint32Array[] {
  const lists: number[][] = [];
  for (let i = 0; i < scores.length; i++) {
    if (!(scores[i]! > threshold)) continue;
    const list = lists[labels[i]!] ?? [];
    lists[labels[i]!] = list;
    list.push(i);
  }
  return lists.filter(Boolean).map((list) => Uint32Array.from(list));
}

/** What stays of `order`, a list of box indices, best first. */
export function suppress(boxes: Float32Array, order: Uint32Array, options: SuppressionOptions, maxDetections = order.length): Uint32Array {
  const keep = new Uint32Array(Math.min(order.length, maxDetections));
  const stays = suppressor(options);
  let count = 0;
  for (let k = 0; k < order.length && count < keep.length; k++) if (stays(boxes, order[k]!)) keep[count++] = order[k]!;
  return keep.subarray(0, count);
}

const FIRST_ROOM = 16; // boxes

/**
 * A function that is asked of one box after the other, best first, whether it stays.
 *
 * Those that stay are copied side by side: a candidate is compared with these alone, and gives up at the first that covers it.
 */
export function suppressor({ iouThreshold, inclusive = false, overlap = "union", epsilon = 0 }: SuppressionOptions) {
  const rule = { limit: inclusive ? below(iouThreshold) : iouThreshold, bySmaller: overlap === "smaller", epsilon };
  let kept: Float32Array = new Float32Array(5 * FIRST_ROOM); // x1, y1, x2, y2, area
  let end = 0;
  return (boxes: Float32Array, index: number): boolean => {
    if (end === kept.length) kept = enlarged(kept);
    place(boxes, 4 * index, kept, end); // after the ones that stay; if it does not, the next one takes its place
    if (covered(kept, end, rule)) return false;
    end += 5;
    return true;
  };
}

function enlarged(values: Float32Array): Float32Array {
  const larger = new Float32Array(2 * values.length);
  larger.set(values);
  return larger;
}

function place(boxes: Float32Array, from: number, kept: Float32Array, to: number): void {
  for (let c = 0; c < 4; c++) kept[to + c] = boxes[from + c]!;
  kept[to + 4] = Math.fround(kept[to + 2]! - kept[to]!) * Math.fround(kept[to + 3]! - kept[to + 1]!);
}

const { fround, max, min } = Math; // each step is rounded to float32, so that a pair near the threshold falls as it does in torch

/** The next float32 below: what is above it is not below the threshold. */
function below(threshold: number): number {
  if (threshold <= 0) return -1;
  const bits = new Uint32Array(Float32Array.of(threshold).buffer);
  bits[0]!--;
  return new Float32Array(bits.buffer)[0]!;
}

/** Does any of the boxes before `at` overlap the one that stands there? */
function covered(
  kept: Float32Array,
  at: number,
  { limit, bySmaller, epsilon }: { limit: number; bySmaller: boolean; epsilon: number },
): boolean {
  const x1 = kept[at]!;
  const y1 = kept[at + 1]!;
  const x2 = kept[at + 2]!;
  const y2 = kept[at + 3]!;
  const area = kept[at + 4]!;
  for (let i = 0; i < at; i += 5) {
    const left = max(kept[i]!, x1);
    const right = min(kept[i + 2]!, x2);
    if (!(right > left)) continue;
    const top = max(kept[i + 1]!, y1);
    const bottom = min(kept[i + 3]!, y2);
    if (!(bottom > top)) continue;
    const common = fround(fround(right - left) * fround(bottom - top));
    const whole = bySmaller ? min(kept[i + 4]!, area) : fround(fround(kept[i + 4]! + area) - common);
    if (fround(common / fround(whole + epsilon)) > limit) return true;
  }
  return false;
}

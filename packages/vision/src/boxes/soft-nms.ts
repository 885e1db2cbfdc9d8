import { takeBoxes } from "./arithmetic.js";
import { boxIou, type IouOptions } from "./iou.js";

export interface SoftNmsOptions extends IouOptions {
  /** how fast a score falls with the overlap */
  sigma?: number;
  /** a box whose score falls to this or below is gone */
  scoreThreshold: number;
  /** stops when so many are kept */
  maxDetections?: number;
}

/**
 * Suppression that lowers scores instead of removing boxes: when a box is kept, the score of each other is multiplied by
 * exp(-IoU² / sigma). Agrees with pytorch-ssd's `soft_nms` with epsilon 1e-5, but for equal scores, where the lower index comes first.
 *
 * @param boxes [n, 4]
 * @param scores [n]; not changed
 * @returns the boxes that stay in the order in which they were kept, and their lowered scores
 * @see Bodla et al. 2017 (arXiv:1704.04503)
 */
export function softNms(
  boxes: Float32Array,
  scores: Float32Array,
  { sigma = 0.5, scoreThreshold, maxDetections = scores.length, epsilon = 0 }: SoftNmsOptions,
): { indices: Uint32Array; scores: Float32Array } {
  const current = scores.map((score) => (score > scoreThreshold ? score : GONE));
  const indices: number[] = [];
  const lowered: number[] = [];
  for (let best = argmax(current); current[best]! > GONE && indices.length < maxDetections; best = argmax(current)) {
    indices.push(best);
    lowered.push(current[best]!);
    const iou = boxIou(takeBoxes(boxes, [best]), boxes, { epsilon });
    current[best] = GONE;
    for (let i = 0; i < current.length; i++) {
      current[i]! *= Math.exp(-((iou[i]! || 0) ** 2) / sigma); // IoU is NaN for two boxes without area
      if (current[i]! <= scoreThreshold) current[i] = GONE;
    }
  }
  return { indices: Uint32Array.from(indices), scores: Float32Array.from(lowered) };
}

const GONE = Number.NEGATIVE_INFINITY;

function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

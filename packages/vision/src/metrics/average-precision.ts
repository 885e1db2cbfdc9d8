import { sum } from "./mean.js";

/**
 * The area under the precision-recall curve, each precision raised to the best that a higher recall has (VOC 2010 and later).
 *
 * @param precision [D] after each detection, best first
 * @param recall [D]
 */
export function averagePrecision(precision: ArrayLike<number>, recall: ArrayLike<number>): number {
  const steps = [0]; // from the last recall to 1: it adds nothing, but its place in the sum counts for the last bit
  if (recall[recall.length - 1] === 1) steps.pop();
  let best = 0;
  for (let i = recall.length - 1; i >= 0; i--) {
    best = Math.max(best, precision[i]!);
    const step = recall[i]! - (recall[i - 1] ?? 0);
    if (step !== 0) steps.push(step * best);
  }
  return sum(Float64Array.from(steps.reverse()));
}

/** The mean of the best precision at recall ≥ 0, 0.1 .. 1 (VOC 2007). */
export function elevenPointPrecision(precision: ArrayLike<number>, recall: ArrayLike<number>): number {
  let ap = 0;
  for (let point = 0; point <= 10; point++) {
    let best = 0;
    for (let i = 0; i < recall.length; i++) if (recall[i]! >= point * 0.1) best = Math.max(best, precision[i]!);
    ap += best / 11;
  }
  return ap;
}

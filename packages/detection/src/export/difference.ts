import type { Detections } from "@singleshot/vision";

type Numbers = Float32Array | BigInt64Array;

/** The largest difference of two lists of numbers as a share of the largest number wanted; infinite where they cannot be compared. */
export function largestDifference(found: Numbers, wanted: Numbers): number {
  if (found.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let [most, size] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(Number(found[i]!) - Number(wanted[i]!));
    if (!(difference <= most)) most = difference; // NaN too
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    size = Math.max(size, Math.abs(Number(wanted[i]!)));
  }
  return most === 0 ? 0 : most / size;
}

/** How far two lists of detections of one picture are apart. */
export interface ListDifference {
  /** Of those that both have: of scores, or of corners as shares of the picture's longer side, whichever is larger. */
  difference: number;
  /** Those that only one has. */
  strangers: number;
  /** Of both lists together. */
  total: number;
}

/** A detection that both have: of one label, its corners closer than this share of the longer side. */
const SAME_PLACE = 0.02;

export function compareDetections(found: Detections, wanted: Detections, longerSide: number): ListDifference {
  const free = new Set(wanted.scores.keys());
  let difference = 0;
  for (const k of found.scores.keys()) {
    const distances = [...free]
      .filter((w) => wanted.labels[w] === found.labels[k])
      .map((w) => ({ w, far: Math.max(cornersApart(found, k, wanted, w) / longerSide, Math.abs(found.scores[k]! - wanted.scores[w]!)) }));
    const nearest = distances.reduce((best, one) => (one.far < best.far ? one : best), { w: -1, far: SAME_PLACE });
    if (nearest.w < 0) continue;
    free.delete(nearest.w);
    difference = Math.max(difference, nearest.far);
  }
  const total = found.scores.length + wanted.scores.length;
  const common = wanted.scores.length - free.size;
  return { difference, strangers: total - 2 * common, total };
}

function cornersApart(a: Detections, i: number, b: Detections, j: number): number {
  return Math.max(...[0, 1, 2, 3].map((corner) => Math.abs(a.boxes[4 * i + corner]! - b.boxes[4 * j + corner]!)));
}

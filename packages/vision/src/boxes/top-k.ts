import type { BoxArray } from "./arithmetic.js";

/**
 * The indices of the k best scores above a threshold, best first; of equal scores the lower index first, like a stable sort.
 * The k are chosen before anything is sorted: linear in the number of scores.
 *
 * @returns at most k indices. NaN and -Infinity are never among them.
 */
export function topK(scores: BoxArray, k = scores.length, threshold = Number.NEGATIVE_INFINITY): Uint32Array {
  const candidates = new Uint32Array(scores.length);
  let count = 0;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i]! > threshold) candidates[count++] = i;
  }
  return bestOf(scores, candidates.subarray(0, count), k);
}

/**
 * The same among some of the indices.
 *
 * @param candidates in ascending order; sorted in place where it is short enough to be the result
 */
export function bestOf(scores: BoxArray, candidates: Uint32Array, k: number): Uint32Array {
  const best = candidates.length > k ? select(scores, candidates, k) : candidates;
  return best.sort((a, b) => scores[b]! - scores[a]!);
}

/** The k best, still in ascending order of index: all that are better than the k-th, and the first of those that equal it. */
function select(scores: BoxArray, candidates: Uint32Array, k: number): Uint32Array {
  const chosen = new Uint32Array(k);
  if (k === 0) return chosen;
  const last = kthLargest(candidates, scores, k);
  let ties = k;
  for (let c = 0; c < candidates.length; c++) if (scores[candidates[c]!]! > last) ties--;
  for (let c = 0, count = 0; count < k; c++) {
    const score = scores[candidates[c]!]!;
    if (score > last || (score === last && ties-- > 0)) chosen[count++] = candidates[c]!;
  }
  return chosen;
}

/** Hoare's quickselect. */
function kthLargest(candidates: Uint32Array, scores: BoxArray, k: number): number {
  const values = new Float64Array(candidates.length);
  for (let c = 0; c < values.length; c++) values[c] = scores[candidates[c]!]!;
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >>> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! > pivot) i++;
      while (values[j]! < pivot) j--;
      if (i <= j) swap(values, i++, j--);
    }
    if (k - 1 <= j) high = j;
    else if (k - 1 >= i) low = i;
    else break;
  }
  return values[k - 1]!;
}

function swap(values: Float64Array, i: number, j: number): void {
  const value = values[i]!;
  values[i] = values[j]!;
  values[j] = value;
}

import type { Size } from "../transforms/index.js";

/**
 * Groups pictures by height / width. The edges between groups are 2^-1 .. 2^1 in 2 · factor equal steps of the exponent, or 1 alone
 * with factor 0; a ratio on an edge belongs above it.
 *
 * @returns for each picture its group, from 0: the flattest
 */
export function aspectGroups(sizes: readonly Size[], factor = 3): Int32Array {
  const edges = factor > 0 ? Array.from({ length: 2 * factor + 1 }, (_, i) => 2 ** (i / factor - 1)) : [1];
  return Int32Array.from(sizes, ({ width, height }) => edges.filter((edge) => edge <= height / width).length);
}

/**
 * Batches of one group each, as near to the given order as can be (torchvision's GroupedBatchSampler). What is left of the groups in the
 * end becomes smaller batches, or, with `drop`, the fullest are filled up with what their group began with until there are as many
 * batches as without groups.
 */
export function groupedBatches(order: readonly number[], groups: ArrayLike<number>, batchSize: number, last: "keep" | "drop"): number[][] {
  const members = new Map<number, number[]>();
  const waiting = new Map<number, number[]>();
  const batches: number[][] = [];
  for (const index of order) {
    const group = groups[index]!;
    const batch = listOf(waiting, group);
    listOf(members, group).push(index);
    if (batch.push(index) < batchSize) continue;
    batches.push(batch);
    waiting.delete(group);
  }
  if (last === "keep") return [...batches, ...waiting.values()];
  const missing = Math.floor(order.length / batchSize) - batches.length;
  const fullest = [...waiting].sort(([, a], [, b]) => b.length - a.length).slice(0, missing);
  return [...batches, ...fullest.map(([group, batch]) => filledUp(batch, members.get(group)!, batchSize))];
}

function listOf(lists: Map<number, number[]>, key: number): number[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

/** Small groups are gone through several times. */
function filledUp(batch: readonly number[], members: readonly number[], size: number): number[] {
  return [...batch, ...Array.from({ length: size - batch.length }, (_, i) => members[i % members.length]!)];
}

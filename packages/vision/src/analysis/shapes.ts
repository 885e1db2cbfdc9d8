import type { BoxArray } from "../boxes/index.js";

/** Sides of squares of the boxes' areas, [n]: how large objects are. */
export function sidesOf(boxes: BoxArray): Float64Array {
  return Float64Array.from({ length: boxes.length / 4 }, (_, i) => Math.sqrt(width(boxes, i) * height(boxes, i)));
}

/** Width over height, [n]. */
export function aspectsOf(boxes: BoxArray): Float64Array {
  return Float64Array.from({ length: boxes.length / 4 }, (_, i) => width(boxes, i) / height(boxes, i));
}

const width = (boxes: BoxArray, i: number) => boxes[4 * i + 2]! - boxes[4 * i]!;
const height = (boxes: BoxArray, i: number) => boxes[4 * i + 3]! - boxes[4 * i + 1]!;

/** Counts of values between edges; what lies outside goes into the first or the last bin. */
export interface Histogram {
  /** [B + 1] ascending */
  edges: number[];
  /** [C][B] per class */
  counts: Uint32Array[];
}

export function histogram(values: ArrayLike<number>, labels: ArrayLike<number>, edges: readonly number[], classes: number): Histogram {
  const counts = Array.from({ length: classes }, () => new Uint32Array(edges.length - 1));
  for (let i = 0; i < values.length; i++) counts[labels[i]! - 1]![binOf(values[i]!, edges)]!++;
  return { edges: [...edges], counts };
}

/** The bin of a value: edges[b] ≤ value < edges[b + 1], the outer bins being open. */
export function binOf(value: number, edges: readonly number[]): number {
  const above = edges.findIndex((edge) => value < edge);
  return Math.min(Math.max((above < 0 ? edges.length : above) - 1, 0), edges.length - 2);
}

/** Edges in equal factors, n bins. */
export function factorEdges(low: number, high: number, n: number): number[] {
  return Array.from({ length: n + 1 }, (_, i) => low * (high / low) ** (i / n));
}

/** What a golden file says of a large array: two sums and some of its elements. */
export interface StatisticRecord {
  shape: number[];
  sum: number;
  abs: number;
  /** flat, row-major */
  idx: number[];
  val: number[];
}

/** `rows`: [name, l2, probe] for every parameter that gets a gradient. */
export interface GoldenGradients {
  global_l2: number;
  rows: [string, number, number][];
}

/** `rows`: [name, l2, delta_l2, delta_probe], delta = final - initial. */
export interface GoldenSgd {
  rows: [string, number, number, number][];
}

/** A list of exact integers that are `default` but for the `entries` [index, value]. */
export interface GoldenSparse {
  length: number;
  default: number;
  entries: [number, number][];
}

/** The best `top` of `count` detections of one image. */
export interface GoldenDetections {
  count: number;
  boxes: number[][];
  scores: number[];
  labels: number[];
}

/** Ours, flat: boxes [K, 4] xyxy in pixels, scores [K], labels [K]. */
export interface Detections {
  boxes: ArrayLike<number>;
  scores: ArrayLike<number>;
  labels: ArrayLike<number | bigint>;
}

import type { Picture } from "../sample.js";

export interface Range {
  from: number;
  to: number;
}

/** Where a condition holds that holds in one piece. */
export function rangeWhere(size: number, holds: (i: number) => boolean): Range {
  let from = 0;
  while (from < size && !holds(from)) from++;
  let to = from;
  while (to < size && holds(to)) to++;
  return { from, to };
}

/** In row y the columns from[y] .. to[y] - 1. */
export interface Spans {
  from: Int32Array;
  to: Int32Array;
}

/** The same columns in some rows, none in the others. */
export function rectangle(height: number, columns: Range, rows: Range): Spans {
  const [from, to] = [new Int32Array(height), new Int32Array(height)];
  from.fill(columns.from, rows.from, rows.to);
  to.fill(columns.to, rows.from, rows.to);
  return { from, to };
}

/** Calls back with the first offset of each row of the region and the one behind its last. */
export function eachRow({ data, width }: Picture, region: Spans, work: (data: Uint8Array, from: number, to: number) => void): void {
  for (let y = 0; y < region.from.length; y++) {
    const [from, to] = [region.from[y]!, region.to[y]!];
    if (from < to) work(data, 3 * (y * width + from), 3 * (y * width + to));
  }
}

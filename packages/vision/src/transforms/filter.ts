import { type Axis, filledRow, type Raster } from "./axes.js";
import { offsetsAlong } from "./bilinear.js";
import { type Range, rangeWhere, rectangle, type Spans } from "./spans.js";
import type { Size, View } from "./view.js";

/** How pixels between pixels are made. `antialias` is bilinear over as many pixels as shrink into one; `auto` bicubic where both sides grow, `area` where both shrink, else bilinear. */
export type Interpolation = "nearest" | "bilinear" | "bicubic" | "area" | "lanczos" | "antialias" | "auto";

interface Filter {
  /** how far from the point pixels count, where `step` pixels of the picture go into one of the result */
  reach: (step: number) => number;
  /** of a pixel whose center is `distance` away, before all are scaled to a sum of 1 */
  weight: (distance: number, step: number) => number;
  /** beyond the frame: its outermost pixel again, or nothing */
  beyond: "repeat" | "nothing";
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Keys 1981 with OpenCV's and torch's a = -¾. */
function cubic(distance: number): number {
  const [x, a] = [Math.abs(distance), -0.75];
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0;
}

/** Those of OpenCV's `resize`; `antialias` is torch's and Pillow's bilinear. */
export const FILTERS = {
  bicubic: { reach: () => 2, weight: cubic, beyond: "repeat" },
  area: {
    reach: (step) => (step + 1) / 2,
    weight: (distance, step) => Math.max(Math.min(distance + 0.5, step / 2) - Math.max(distance - 0.5, -step / 2), 0),
    beyond: "repeat",
  },
  lanczos: { reach: () => 4, weight: (distance) => (Math.abs(distance) < 4 ? sinc(distance) * sinc(distance / 4) : 0), beyond: "repeat" },
  antialias: {
    reach: (step) => Math.max(step, 1),
    weight: (distance, step) => Math.max(1 - Math.abs(distance) / Math.max(step, 1), 0),
    beyond: "nothing",
  },
} satisfies Record<string, Filter>;

/** Decides `auto` by the two sizes (MXNet's `imresize`, interpolation 9). */
export function settled(view: View, size: Size): Interpolation {
  if (view.interpolation !== "auto") return view.interpolation;
  const { width, height } = view.size;
  if (size.width > width && size.height > height) return "bicubic";
  return size.width < width && size.height < height ? "area" : "bilinear";
}

/**
 * Filters of any width, first along the rows, then along the columns.
 *
 * @returns the part of `out` that shows the picture and no fill
 */
export function resampleFiltered(
  image: Raster,
  axes: { columns: Axis; rows: Axis },
  filter: Filter,
  view: View,
  size: Size,
  out: Uint8Array | Float32Array,
): Spans {
  const columns = tapsAlong(axes.columns, size.width, filter);
  const rows = tapsAlong(axes.rows, size.height, filter);
  const filled = filledRow(new Float32Array(3 * size.width), size.width, view.fill);
  const across = rowFilter(image.data, columns, filled, rows.most + 1);
  const sum = new Float64Array(filled.length);
  for (let y = 0; y < size.height; y++) {
    sum.fill(0);
    if (rows.fill[y] !== 0) addScaled(sum, filled, rows.fill[y]!);
    for (let k = rows.begin[y]!; k < rows.begin[y + 1]!; k++) addScaled(sum, across(rows.offset[k]!), rows.weight[k]!);
    store(sum, out.subarray(sum.length * y, sum.length * (y + 1)));
  }
  return rectangle(size.height, columns.inside, rows.inside);
}

/** For place i along one side of the result, from begin[i] to begin[i + 1]: offsets in the source and their weights; with the fill's, 1. */
interface Taps {
  begin: Int32Array;
  offset: Int32Array;
  weight: Float64Array;
  fill: Float64Array;
  /** taps of any place */
  most: number;
  /** no fill */
  inside: Range;
}

function tapsAlong(axis: Axis, size: number, filter: Filter): Taps {
  const { start, scale, length } = axis;
  const step = (Math.abs(scale) * length) / size;
  const offset = offsetsAlong(axis);
  const begin = new Int32Array(size + 1);
  const fill = new Float64Array(size);
  const [offsets, weights]: [number[], number[]] = [[], []];
  for (let i = 0; i < size; i++) {
    const point = start + (scale * (i + 0.5) * length) / size;
    for (const { pixel, weight } of pixelsAround(point, step, frameOf(axis), filter)) {
      const place = offset(pixel, point);
      if (place < 0) fill[i]! += weight;
      else weights[offsets.push(place) - 1] = weight;
    }
    begin[i + 1] = offsets.length;
  }
  const most = Math.max(...begin.subarray(1).map((end, i) => end - begin[i]!));
  const inside = rangeWhere(size, (i) => fill[i] === 0);
  return { begin, offset: Int32Array.from(offsets), weight: Float64Array.from(weights), fill, most, inside };
}

/** The first and the last pixel of the picture within the frame. */
function frameOf({ start, scale, length }: Axis): [first: number, last: number] {
  const ends = [start, start + scale * length];
  return [Math.floor(Math.min(...ends)), Math.ceil(Math.max(...ends)) - 1];
}

/** The pixels that count at a point, with weights that sum up to 1. */
function pixelsAround(point: number, step: number, [first, last]: [number, number], { reach, weight, beyond }: Filter) {
  const found: { pixel: number; weight: number }[] = [];
  let total = 0;
  for (let pixel = Math.ceil(point - reach(step) - 0.5); pixel + 0.5 <= point + reach(step); pixel++) {
    const own = weight(pixel + 0.5 - point, step);
    if (own === 0 || (beyond === "nothing" && (pixel < first || pixel > last))) continue;
    found.push({ pixel: Math.min(Math.max(pixel, first), last), weight: own });
    total += own;
  }
  return found.map(({ pixel, weight: own }) => ({ pixel, weight: own / total }));
}

/** Rows of the source by their offset, filtered along the columns; the last `keep` are remembered. */
function rowFilter(source: Raster["data"], columns: Taps, filled: Float32Array, keep: number): (offset: number) => Float32Array {
  const known = new Map<number, Float32Array>();
  return (offset) => {
    const found = known.get(offset);
    if (found) return found;
    const oldest = known.size < keep ? undefined : known.keys().next().value!;
    const row = oldest === undefined ? new Float32Array(filled.length) : known.get(oldest)!;
    if (oldest !== undefined) known.delete(oldest);
    filterRow(source, offset, columns, filled, row);
    known.set(offset, row);
    return row;
  };
}

function filterRow(source: Raster["data"], start: number, columns: Taps, filled: Float32Array, row: Float32Array): void {
  const { begin, offset, weight, fill } = columns;
  for (let x = 0, tap = 0; x < fill.length; x++) {
    let red = fill[x]! * filled[0]!;
    let green = fill[x]! * filled[1]!;
    let blue = fill[x]! * filled[2]!;
    for (const end = begin[x + 1]!; tap < end; tap++) {
      const at = start + offset[tap]!;
      red += weight[tap]! * source[at]!;
      green += weight[tap]! * source[at + 1]!;
      blue += weight[tap]! * source[at + 2]!;
    }
    row[3 * x] = red;
    row[3 * x + 1] = green;
    row[3 * x + 2] = blue;
  }
}

function addScaled(sum: Float64Array, row: Float32Array, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += factor * row[i]!;
}

/** Rounded and within 0 to 255 where the result is bytes: these filters overshoot. */
function store(sum: Float64Array, line: Uint8Array | Float32Array): void {
  if (line instanceof Float32Array) line.set(sum);
  else for (let i = 0; i < sum.length; i++) line[i] = Math.min(Math.max(sum[i]!, 0), 255) + 0.5;
}

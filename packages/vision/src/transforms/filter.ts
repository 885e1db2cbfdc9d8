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
  const across = rowFilter(image.data, columns, filled, rows.count + 1);
  const sum = new Float64Array(3 * size.width);
  for (let y = 0; y < size.height; y++) {
    sum.forEach((_, i) => {
      sum[i] = rows.fill[y]! * filled[i]!;
    });
    for (let k = y * rows.count; k < (y + 1) * rows.count; k++)
      if (rows.weight[k] !== 0) addScaled(sum, across(rows.offset[k]!), rows.weight[k]!);
    store(sum, out.subarray(sum.length * y, sum.length * (y + 1)));
  }
  return rectangle(size.height, columns.inside, rows.inside);
}

/** For each place along one side of the result `count` offsets in the source with their weights, and the weight of the fill; together 1. */
interface Taps {
  count: number;
  offset: Int32Array;
  weight: Float64Array;
  fill: Float64Array;
  /** no fill */
  inside: Range;
}

function tapsAlong(axis: Axis, size: number, { reach, weight, beyond }: Filter): Taps {
  const step = (Math.abs(axis.scale) * axis.length) / size;
  const count = Math.ceil(2 * reach(step)) + 1;
  const taps = { count, offset: new Int32Array(size * count), weight: new Float64Array(size * count), fill: new Float64Array(size) };
  const offset = offsetsAlong(axis);
  const ends = [axis.start, axis.start + axis.scale * axis.length];
  const [first, last] = [Math.floor(Math.min(...ends)), Math.ceil(Math.max(...ends)) - 1];
  for (let i = 0; i < size; i++) {
    const point = axis.start + (axis.scale * (i + 0.5) * axis.length) / size;
    const lowest = Math.ceil(point - reach(step) - 0.5);
    const pixels = Array.from({ length: count }, (_, k) => lowest + k);
    const weights = pixels.map((pixel) =>
      beyond === "nothing" && (pixel < first || pixel > last) ? 0 : weight(pixel + 0.5 - point, step),
    );
    const total = weights.reduce((a, b) => a + b);
    pixels.forEach((pixel, k) => {
      const place = offset(Math.min(Math.max(pixel, first), last), point);
      if (place < 0) taps.fill[i]! += weights[k]! / total;
      else [taps.offset[i * count + k], taps.weight[i * count + k]] = [place, weights[k]! / total];
    });
  }
  return { ...taps, inside: rangeWhere(size, (i) => taps.fill[i] === 0) };
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

function filterRow(source: Raster["data"], start: number, { count, offset, weight, fill }: Taps, filled: Float32Array, row: Float32Array) {
  for (let x = 0, tap = 0; x < fill.length; x++) {
    let red = fill[x]! * filled[0]!;
    let green = fill[x]! * filled[1]!;
    let blue = fill[x]! * filled[2]!;
    for (let k = 0; k < count; k++, tap++) {
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

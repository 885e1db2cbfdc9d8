import { type Axis, filledRow, lookAt, type Raster } from "./axes.js";
import { type Range, rangeWhere, rectangle, type Spans } from "./spans.js";
import type { Size, View } from "./view.js";

/**
 * Bilinear as torchvision's resize of a tensor (`align_corners` off, no antialias), where rows and columns of the view are rows and
 * columns of the picture. Neighbours are those of the frame, so that a crop never sees what was cut off.
 *
 * @returns the part of `out` that shows the picture and no fill
 */
export function resampleBilinear(
  image: Raster,
  axes: { columns: Axis; rows: Axis },
  view: View,
  size: Size,
  out: Uint8Array | Float32Array,
): Spans {
  const columns = tapsAlong(axes.columns, size.width, view.interpolation === "nearest");
  const rows = tapsAlong(axes.rows, size.height, view.interpolation === "nearest");
  const rowLength = 3 * size.width;
  const filled = filledRow(out, size.width, view.fill);
  const { inside, touched } = columns;
  for (let y = 0; y < size.height; y++) {
    const line = out.subarray(rowLength * y, rowLength * (y + 1));
    const row = { low: rows.low[y]!, high: rows.high[y]!, weight: rows.weight[y]! };
    const shows = row.low >= 0 || row.high >= 0;
    const fast = row.low >= 0 && row.high >= 0 ? inside : { from: touched.from, to: touched.from };
    if (!shows || touched.from > 0 || touched.to < size.width) line.set(filled);
    if (!shows) continue;
    blendEdge(image.data, line, columns, row, view.fill, { from: touched.from, to: fast.from });
    blend(image.data, line, columns, row, fast);
    blendEdge(image.data, line, columns, row, view.fill, { from: fast.to, to: touched.to });
  }
  return rectangle(size.height, inside, rows.inside);
}

/** For each place along one side of the result: the offsets of its two neighbours in the source, -1 where fill is, and the far one's weight. */
interface Taps {
  low: Int32Array;
  high: Int32Array;
  weight: Float64Array;
  /** both neighbours show the picture */
  inside: Range;
  /** at least one does */
  touched: Range;
}

function tapsAlong(axis: Axis, size: number, nearest: boolean): Taps {
  const [low, high, weight] = [new Int32Array(size), new Int32Array(size), new Float64Array(size)];
  const offset = offsetsAlong(axis);
  for (let i = 0; i < size; i++) {
    const point = axis.start + axis.scale * lookAt(i, size, axis.length);
    const floor = nearest ? Math.floor(point) : Math.floor(point - 0.5);
    weight[i] = nearest ? 0 : exactly(point - 0.5 - floor);
    low[i] = offset(weight[i] === 1 ? floor + 1 : floor, point); // what weighs nothing is not looked at
    high[i] = offset(weight[i] === 0 ? floor : floor + 1, point);
  }
  const inside = rangeWhere(size, (i) => low[i]! >= 0 && high[i]! >= 0);
  return { low, high, weight, inside, touched: rangeWhere(size, (i) => low[i]! >= 0 || high[i]! >= 0) };
}

/** With weights of 20 bits the sums below are exact, whatever their order: a flipped view gives the flipped pixels, in every bit. */
const exactly = (weight: number) => Math.round(weight * 2 ** 20) / 2 ** 20;

/** The offset of a pixel in the source; -1 where fill is. Where the picture is laid upon the fill, its own edge stands in beside it. */
export function offsetsAlong({ from, to, stride, edge }: Axis): (pixel: number, point: number) => number {
  const [first, last] = [Math.ceil(from - 0.5), Math.floor(to - 0.5)];
  if (edge === "blend") return (pixel) => (pixel >= first && pixel <= last ? pixel * stride : -1);
  return (pixel, point) => (point >= from && point <= to ? Math.min(Math.max(pixel, first), last) * stride : -1);
}

interface RowTap {
  low: number;
  high: number;
  weight: number;
}

/** The fast way, where all four neighbours show the picture. */
function blend(source: Raster["data"], line: Uint8Array | Float32Array, columns: Taps, row: RowTap, { from, to }: Range): void {
  const { low, high, weight } = columns;
  const half = line instanceof Uint8Array ? 0.5 : 0; // storing a byte cuts off the fraction
  for (let x = from, i = 3 * from; x < to; x++, i += 3) {
    const a = row.low + low[x]!;
    const b = row.low + high[x]!;
    const c = row.high + low[x]!;
    const d = row.high + high[x]!;
    const wd = weight[x]! * row.weight;
    const wc = row.weight - wd;
    const wb = weight[x]! - wd;
    const wa = 1 - row.weight - wb;
    line[i] = wa * source[a]! + wb * source[b]! + wc * source[c]! + wd * source[d]! + half;
    line[i + 1] = wa * source[a + 1]! + wb * source[b + 1]! + wc * source[c + 1]! + wd * source[d + 1]! + half;
    line[i + 2] = wa * source[a + 2]! + wb * source[b + 2]! + wc * source[c + 2]! + wd * source[d + 2]! + half;
  }
}

/** The careful way, where some neighbours are fill. */
function blendEdge(
  source: Raster["data"],
  line: Uint8Array | Float32Array,
  columns: Taps,
  row: RowTap,
  fill: View["fill"],
  { from, to }: Range,
): void {
  const half = line instanceof Uint8Array ? 0.5 : 0;
  const value = (down: number, across: number, channel: number) =>
    down < 0 || across < 0 ? fill[channel]! : source[down + across + channel]!;
  for (let x = from; x < to; x++) {
    const [low, high, weight] = [columns.low[x]!, columns.high[x]!, columns.weight[x]!];
    for (let channel = 0; channel < 3; channel++) {
      const above = (1 - weight) * value(row.low, low, channel) + weight * value(row.low, high, channel);
      const below = (1 - weight) * value(row.high, low, channel) + weight * value(row.high, high, channel);
      line[3 * x + channel] = (1 - row.weight) * above + row.weight * below + half;
    }
  }
}

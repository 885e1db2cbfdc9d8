import { filledRow, lookAt, type Raster } from "./axes.js";
import type { Range, Spans } from "./spans.js";
import type { HalfPlane, Size, View } from "./view.js";

/**
 * Bilinear at any angle, as OpenCV's `warpAffine`: along a row of the result one walks through the picture in a straight line, and the
 * edges of what shows cut a piece out of it.
 *
 * @returns the part of `out` that shows the picture and no fill
 */
export function resampleSkewed(image: Raster, view: View, size: Size, out: Uint8Array | Float32Array): Spans {
  const spans = { from: new Int32Array(size.height), to: new Int32Array(size.height) };
  const filled = filledRow(out, size.width, view.fill);
  for (let y = 0; y < size.height; y++) {
    const line = out.subarray(3 * size.width * y, 3 * size.width * (y + 1));
    const walk = walkAlong(view, size, y);
    const touched = touchedOn(walk, view.visible);
    const inside = within(insideOn(walk, view.visible), touched);
    if (touched.from > 0 || touched.to < size.width) line.set(filled);
    blendEdge(image, line, view, walk, { from: touched.from, to: inside.from });
    blend(image, line, walk, inside);
    blendEdge(image, line, view, walk, { from: inside.to, to: touched.to });
    spans.from[y] = inside.from;
    spans.to[y] = inside.to;
  }
  return spans;
}

/** The way of one row of the result through the picture: the point of place 0, and the step from one place to the next. */
interface Walk {
  x: number;
  y: number;
  dx: number;
  dy: number;
  /** of the places that look at centers of pixels that are seen, or between two; those before and behind look at the outermost centers */
  first: number;
  last: number;
  length: number;
}

function walkAlong({ toPicture: [a, b, c, d, e, f], size: seen }: View, { width, height }: Size, row: number): Walk {
  const step = seen.width / width;
  const [u, v] = [0.5 * step, lookAt(row, height, seen.height)];
  const first = Math.min(0.5 / step, width / 2) - 0.5;
  const ends = { first, last: width - 1 - first, length: width };
  return { x: a * u + b * v + c, y: d * u + e * v + f, dx: a * step, dy: d * step, ...ends };
}

/** The places from which all four neighbours show. */
function insideOn(walk: Walk, visible: readonly HalfPlane[]): Range {
  const { from, to } = pieceOf(walk, visible, reachOf);
  return { from: Math.max(from, Math.ceil(walk.first)), to: Math.min(to, Math.floor(walk.last) + 1) };
}

/** The places from which any neighbour may show. */
function touchedOn(walk: Walk, visible: readonly HalfPlane[]): Range {
  const slack = Math.max(walk.first, 0);
  return pieceOf(walk, visible, (plane) => -reachOf(plane) - slack * Math.abs(plane[0] * walk.dx + plane[1] * walk.dy));
}

/** To a neighbour, one pixel away along either axis. */
const reachOf = ([a, b]: HalfPlane) => (Math.abs(a) + Math.abs(b)) * (1 + 1e-9);

/** The places so far within all half-planes. */
function pieceOf({ x, y, dx, dy, length }: Walk, visible: readonly HalfPlane[], depth: (plane: HalfPlane) => number): Range {
  let [from, to] = [0, length];
  for (const plane of visible) {
    const [a, b, c] = plane;
    const [at, slope] = [a * x + b * y - c - depth(plane), a * dx + b * dy];
    if (slope > 0) from = Math.max(from, Math.ceil(-at / slope));
    else if (slope < 0) to = Math.min(to, Math.floor(-at / slope) + 1);
    else if (at < 0) to = 0;
  }
  return { from, to: Math.max(from, to) };
}

/** Moves an empty piece to where it cuts nothing out. */
function within(inner: Range, outer: Range): Range {
  return inner.from < inner.to ? inner : { from: outer.to, to: outer.to };
}

function blend({ data, width }: Raster, line: Uint8Array | Float32Array, walk: Walk, { from, to }: Range): void {
  const half = line instanceof Uint8Array ? 0.5 : 0; // storing a byte cuts off the fraction
  const down = 3 * width;
  for (let i = from; i < to; i++) {
    const x = walk.x + i * walk.dx - 0.5;
    const y = walk.y + i * walk.dy - 0.5;
    const left = x | 0;
    const top = y | 0;
    const a = 3 * (top * width + left);
    const b = a + 3;
    const c = a + down;
    const d = c + 3;
    const wd = (x - left) * (y - top);
    const wc = y - top - wd;
    const wb = x - left - wd;
    const wa = 1 - (y - top) - wb;
    line[3 * i] = wa * data[a]! + wb * data[b]! + wc * data[c]! + wd * data[d]! + half;
    line[3 * i + 1] = wa * data[a + 1]! + wb * data[b + 1]! + wc * data[c + 1]! + wd * data[d + 1]! + half;
    line[3 * i + 2] = wa * data[a + 2]! + wb * data[b + 2]! + wc * data[c + 2]! + wd * data[d + 2]! + half;
  }
}

/** The careful way, where some neighbours are fill. */
function blendEdge(image: Raster, line: Uint8Array | Float32Array, view: View, walk: Walk, { from, to }: Range): void {
  const half = line instanceof Uint8Array ? 0.5 : 0;
  for (let i = from; i < to; i++) {
    const place = Math.max(Math.min(i, walk.last), walk.first);
    const [red, green, blue] = colorAt(image, view, walk.x + place * walk.dx, walk.y + place * walk.dy);
    line[3 * i] = red + half;
    line[3 * i + 1] = green + half;
    line[3 * i + 2] = blue + half;
  }
}

/** The four neighbours by weight; those that do not show count as fill, or not at all where the picture is laid upon the fill. */
function colorAt({ data, width }: Raster, { visible, edge, fill }: View, x: number, y: number): readonly [number, number, number] {
  const shows = (px: number, py: number) => visible.every(([a, b, c]) => a * px + b * py >= c);
  if (edge === "cut" && !shows(x, y)) return fill;
  const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  const sum: [number, number, number] = [0, 0, 0];
  let total = 0;
  for (const [column, row] of [
    [left, top],
    [left + 1, top],
    [left, top + 1],
    [left + 1, top + 1],
  ] as const) {
    const seen = shows(column + 0.5, row + 0.5);
    const weight = seen || edge === "blend" ? (1 - Math.abs(x - 0.5 - column)) * (1 - Math.abs(y - 0.5 - row)) : 0;
    const at = 3 * (row * width + column);
    for (let channel = 0; channel < 3; channel++) sum[channel]! += weight * (seen ? data[at + channel]! : fill[channel]!);
    total += weight;
  }
  return total > 0 ? [sum[0] / total, sum[1] / total, sum[2] / total] : fill;
}

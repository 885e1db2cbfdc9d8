import { filledRow, type Raster } from "./axes.js";
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
    const touched = pieceOf(view.visible, walk, size.width, -1);
    const inside = within(pieceOf(view.visible, walk, size.width, 1), touched);
    if (touched.from > 0 || touched.to < size.width) line.set(filled);
    blendEdge(image, line, view, walk, { from: touched.from, to: inside.from });
    blend(image, line, walk, inside);
    blendEdge(image, line, view, walk, { from: inside.to, to: touched.to });
    spans.from[y] = inside.from;
    spans.to[y] = inside.to;
  }
  return spans;
}

/** In the picture: the point of the row's first place, and the way to the next. */
interface Walk {
  x: number;
  y: number;
  dx: number;
  dy: number;
}

function walkAlong({ toPicture: [a, b, c, d, e, f], size: seen }: View, size: Size, row: number): Walk {
  const step = seen.width / size.width;
  const [u, v] = [0.5 * step, ((row + 0.5) * seen.height) / size.height];
  return { x: a * u + b * v + c, y: d * u + e * v + f, dx: a * step, dy: d * step };
}

/** The places from which all four neighbours show (margin 1), or any of them may (margin -1). */
function pieceOf(visible: readonly HalfPlane[], { x, y, dx, dy }: Walk, length: number, margin: 1 | -1): Range {
  let [from, to] = [0, length];
  for (const [a, b, c] of visible) {
    const reach = (Math.abs(a) + Math.abs(b)) * (1 + 1e-9); // to a neighbour, one pixel away along either axis
    const [at, slope] = [a * x + b * y - c - margin * reach, a * dx + b * dy];
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
    const [red, green, blue] = colorAt(image, view, walk.x + i * walk.dx, walk.y + i * walk.dy);
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

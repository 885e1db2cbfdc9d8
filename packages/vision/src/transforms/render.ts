import type { Draw } from "../random.js";
import type { Picture, Sample } from "../sample.js";
import { applyColors } from "./color.js";
import { boxesIntoInput, type InputOptions, type Placement, placePicture } from "./fit.js";
import { dropSlivers, sizeOf, type View, type Window } from "./view.js";

export interface Size {
  width: number;
  height: number;
}

/**
 * Makes the pixels of a view: crop, zoom-out, flips, turns and resize in one pass, then the colours.
 *
 * Bilinear as torchvision's resize of a tensor: `align_corners` off, no antialias; neighbours are those of the window, so that a crop
 * never sees what was cut off. Colours change what shows of the picture, not the fill.
 *
 * @param out [height, width, 3], written and given back as the picture's data: a place in a batch, for instance
 */
export function render(image: Picture, view: View, size: Size, out: Uint8Array = new Uint8Array(3 * size.width * size.height)): Picture {
  const picture = { data: out, width: size.width, height: size.height };
  applyColors(picture, resample(image, view, size, out), view.colors);
  return picture;
}

/** A sample as a network wants it, from what the view shows, and where in the input it lies. Slivers of boxes are gone. */
export function renderSample(
  sample: Sample,
  view: View,
  input: InputOptions,
  draw: Draw,
  out?: Uint8Array,
): { sample: Sample; placement: Placement } {
  const seen = dropSlivers(view);
  const { labels, flags } = seen;
  const placement = placePicture(input, sizeOf(seen), draw);
  const image = renderInto(sample.image, seen, placement, input.resize === "letterbox" ? input.fill : [0, 0, 0], out);
  return {
    sample: { image, boxes: boxesIntoInput(seen.boxes, placement), labels, flags, id: sample.id, source: sample.source },
    placement,
  };
}

function renderInto(
  image: Picture,
  view: View,
  { canvas, window }: Placement,
  fill: readonly number[],
  out: Uint8Array = new Uint8Array(3 * canvas.width * canvas.height),
): Picture {
  if (window.width === canvas.width && window.height === canvas.height) return render(image, view, canvas, out);
  const { data } = render(image, view, window);
  const line = Uint8Array.from({ length: 3 * canvas.width }, (_, i) => fill[i % 3]!);
  for (let y = 0; y < canvas.height; y++) out.set(line, y * line.length);
  const length = 3 * window.width;
  for (let y = 0; y < window.height; y++) {
    out.set(data.subarray(y * length, (y + 1) * length), (window.top + y) * line.length + 3 * window.left);
  }
  return { data: out, width: canvas.width, height: canvas.height };
}

/**
 * The pixels without the colours; into a Float32Array without rounding.
 *
 * @returns the part of `out` that shows the picture and no fill
 */
export function resample(image: Picture, view: View, size: Size, out: Uint8Array | Float32Array): Window {
  const { columns, rows } = tapsOf(image, view, size);
  const rowLength = 3 * size.width;
  const filled = out.slice(0, rowLength).map((_, i) => view.fill[i % 3]!);
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
  return { left: inside.from, top: rows.inside.from, width: inside.to - inside.from, height: rows.inside.to - rows.inside.from };
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

interface Range {
  from: number;
  to: number;
}

/** One side of the window: where it starts and how long it is, what of it shows, and how far apart its pixels lie in the source. */
interface Side {
  start: number;
  length: number;
  reversed: boolean;
  from: number;
  shown: number;
  stride: number;
}

function tapsOf(image: Picture, { window, visible, turn }: View, { width, height }: Size): { columns: Taps; rows: Taps } {
  const across = { start: window.left, length: window.width, reversed: turn.fromRight, from: visible.left, shown: visible.width };
  const down = { start: window.top, length: window.height, reversed: turn.fromBottom, from: visible.top, shown: visible.height };
  const sides = [
    { ...across, stride: 3 },
    { ...down, stride: 3 * image.width },
  ] as const;
  const [alongWidth, alongHeight] = turn.swapped ? [sides[1], sides[0]] : sides;
  return { columns: tapsAlong(alongWidth, width), rows: tapsAlong(alongHeight, height) };
}

function tapsAlong({ start, length, reversed, from, shown, stride }: Side, size: number): Taps {
  const [low, high, weight] = [new Int32Array(size), new Int32Array(size), new Float64Array(size)];
  const offset = (i: number) => {
    const place = start + (reversed ? length - 1 - i : i);
    return place >= from && place < from + shown ? place * stride : -1;
  };
  for (let i = 0; i < size; i++) {
    const position = Math.max(((i + 0.5) * length) / size - 0.5, 0);
    const floor = Math.min(Math.floor(position), length - 1);
    weight[i] = position - floor;
    low[i] = offset(floor);
    high[i] = offset(position > floor ? Math.min(floor + 1, length - 1) : floor); // what weighs nothing is not looked at
  }
  const inside = rangeWhere(size, (i) => low[i]! >= 0 && high[i]! >= 0);
  return { low, high, weight, inside, touched: rangeWhere(size, (i) => low[i]! >= 0 || high[i]! >= 0) };
}

/** Where a condition holds that holds in one piece. */
function rangeWhere(size: number, holds: (i: number) => boolean): Range {
  let from = 0;
  while (from < size && !holds(from)) from++;
  let to = from;
  while (to < size && holds(to)) to++;
  return { from, to };
}

interface RowTap {
  low: number;
  high: number;
  weight: number;
}

/** The fast way, where all four neighbours show the picture. */
function blend(source: Uint8Array, line: Uint8Array | Float32Array, columns: Taps, row: RowTap, { from, to }: Range): void {
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
  source: Uint8Array,
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

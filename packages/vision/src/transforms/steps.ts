import { below, between, type Draw } from "../random.js";
import type { ColorChange } from "./color.js";
import { clipBoxes, crop, flip, flipVertical, rotate, selectMarks, sizeOf, type View, type Window } from "./view.js";

const { fround } = Math;

type Interval = readonly [low: number, high: number];

/** Colours as SSD changes them: each change for itself with probability `p`, contrast before or after saturation and hue. */
export interface PhotometricOptions {
  brightness?: Interval;
  contrast?: Interval;
  saturation?: Interval;
  /** turns */
  hue?: Interval;
  /** of each change */
  p?: number;
  /** of the channels changing places; default: as the others */
  pChannels?: number;
}

/** Liu et al. 2016, section 2.2, with torchvision's ranges. */
export function photometric(view: View, draw: Draw, options: PhotometricOptions = {}): View {
  const {
    brightness = [0.875, 1.125],
    contrast = [0.5, 1.5],
    saturation = [0.5, 1.5],
    hue = [-0.05, 0.05],
    p = 0.5,
    pChannels = p,
  } = options;
  type Change = Exclude<ColorChange["change"], "channels">;
  const maybe = (change: Change, [low, high]: Interval): ColorChange[] =>
    draw() < p ? [{ change, factor: between(draw, low, high) }] : [];
  const bright = maybe("brightness", brightness);
  const contrasted = maybe("contrast", contrast);
  const tinted = [...maybe("saturation", saturation), ...maybe("hue", hue)];
  const ordered = draw() < 0.5 ? [...contrasted, ...tinted] : [...tinted, ...contrasted];
  const channels: ColorChange[] = draw() < pChannels ? [{ change: "channels", order: ORDERS[below(draw, ORDERS.length)]! }] : [];
  return { ...view, colors: [...view.colors, ...bright, ...ordered, ...channels] };
}

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

export interface ZoomOutOptions {
  /** sides of the canvas in sides of the picture */
  range?: Interval;
  fill?: readonly [red: number, green: number, blue: number];
  p?: number;
}

/** Puts the picture somewhere on a larger canvas, so that objects become small (torchvision's RandomZoomOut). */
export function zoomOut(view: View, draw: Draw, { range = [1, 4], fill = [123, 117, 104], p = 0.5 }: ZoomOutOptions = {}): View {
  if (draw() >= p) return view;
  const { width, height } = sizeOf(view);
  const factor = drawFactor(draw, range);
  const canvas = { width: share(width, factor), height: share(height, factor) };
  const left = share(canvas.width - width, draw());
  const top = share(canvas.height - height, draw());
  return { ...crop(view, { left: -left, top: -top, ...canvas }), fill };
}

export interface IouCropOptions {
  /** one is drawn: some box must overlap the crop at least so much; 1 leaves the picture as it is */
  minIous?: readonly number[];
  /** sides of the crop in sides of the picture */
  scale?: Interval;
  /** width / height of the crop */
  aspect?: Interval;
  /** attempts until another overlap is drawn */
  trials?: number;
}

/** A random part of the picture in which at least one object is still to be recognised (torchvision's RandomIoUCrop). */
export function iouCrop(
  view: View,
  draw: Draw,
  { minIous = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1], scale = [0.3, 1], aspect = [0.5, 2], trials = 40 }: IouCropOptions = {},
): View {
  if (view.labels.length === 0) return view; // no crop could be accepted
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const minIou = minIous[below(draw, minIous.length)]!;
    if (minIou >= 1) return view;
    for (let trial = 0; trial < trials; trial++) {
      const part = randomPart(view, draw, scale, aspect);
      const seen = part && cropIfOverlapping(view, part, minIou);
      if (seen) return seen;
    }
  }
  return view;
}

/** torchvision draws until it has a crop or the 1; a list of overlaps without the 1 might go on for ever. */
const MAX_ROUNDS = 100;

/** Undefined when the drawn sides are too unlike. */
function randomPart(view: View, draw: Draw, scale: Interval, aspect: Interval): Window | undefined {
  const size = sizeOf(view);
  const width = share(size.width, drawFactor(draw, scale));
  const height = share(size.height, drawFactor(draw, scale));
  if (!aspectFits(width, height, aspect)) return undefined;
  const left = share(size.width - width, draw());
  const top = share(size.height - height, draw());
  return { left, top, width, height };
}

// torch computes these in float32: where a side lands on a whole number, that decides about a pixel.
const drawFactor = (draw: Draw, [low, high]: Interval) => fround(fround(low) + fround(fround(high - low) * fround(draw())));
const share = (length: number, factor: number) => Math.floor(fround(length * fround(factor)));

/** An empty crop fits no ratio. */
export function aspectFits(width: number, height: number, [low, high]: Interval): boolean {
  return width > 0 && width / height >= low && width / height <= high;
}

/** The crop with the boxes whose centers lie in it, cut at its edges; undefined when there is none or none overlaps enough. */
export function cropIfOverlapping(view: View, part: Window, minIou: number): View | undefined {
  const kept = centeredIn(view.boxes, part);
  const best = Math.max(...kept.map((i) => iouWith(view.boxes.subarray(4 * i, 4 * i + 4), part)));
  return kept.length > 0 && fround(best) >= fround(minIou) ? clipBoxes(crop(selectMarks(view, kept), part)) : undefined;
}

function centeredIn(boxes: Float32Array, { left, top, width, height }: Window): number[] {
  const indices = Array.from({ length: boxes.length / 4 }, (_, i) => i);
  return indices.filter((i) => {
    const x = (boxes[4 * i]! + boxes[4 * i + 2]!) / 2;
    const y = (boxes[4 * i + 1]! + boxes[4 * i + 3]!) / 2;
    return x > left && x < left + width && y > top && y < top + height;
  });
}

function iouWith([x1, y1, x2, y2]: Float32Array, { left, top, width, height }: Window): number {
  const across = Math.min(x2!, left + width) - Math.max(x1!, left);
  const down = Math.min(y2!, top + height) - Math.max(y1!, top);
  const common = Math.max(across, 0) * Math.max(down, 0);
  return common / ((x2! - x1!) * (y2! - y1!) + width * height - common);
}

export interface ScaleJitterOptions {
  /** above 1 the picture is seen from nearer, below 1 from further away, with fill around it */
  range?: Interval;
  fill?: readonly [red: number, green: number, blue: number];
  p?: number;
}

/** Zooms in or out, keeping the aspect ratio. Objects whose center is no longer seen are gone; a part without objects is drawn again. */
export function scaleJitter(view: View, draw: Draw, { range = [0.7, 1.4], fill = [123, 117, 104], p = 1 }: ScaleJitterOptions = {}): View {
  if (draw() >= p) return view;
  const { width, height } = sizeOf(view);
  for (let trial = 0; trial < 10; trial++) {
    const factor = between(draw, ...range);
    const part = { width: Math.max(Math.round(width / factor), 1), height: Math.max(Math.round(height / factor), 1) };
    const left = Math.floor((width - part.width) * draw());
    const top = Math.floor((height - part.height) * draw());
    const window = { left, top, ...part };
    const seen = view.labels.length === 0 ? crop(view, window) : cropIfOverlapping(view, window, 0);
    if (seen) return { ...seen, fill };
  }
  return view;
}

export interface ChanceOptions {
  p?: number;
}

export function randomFlip(view: View, draw: Draw, { p = 0.5 }: ChanceOptions = {}): View {
  return draw() < p ? flip(view) : view;
}

export function randomFlipVertical(view: View, draw: Draw, { p = 0.5 }: ChanceOptions = {}): View {
  return draw() < p ? flipVertical(view) : view;
}

/** With probability p by one, two or three quarters, each as likely as the others; p = 0.75 makes all four directions equal. */
export function randomRotate(view: View, draw: Draw, { p = 0.75 }: ChanceOptions = {}): View {
  if (draw() >= p) return view;
  const quarters = 1 + below(draw, 3);
  return quarters === 1 ? rotate(view) : quarters === 2 ? rotate(rotate(view)) : rotate(rotate(rotate(view)));
}

import { between, type Draw } from "../../random.js";
import type { Interpolation } from "../filter.js";
import { clipBoxes, crop, resize, type Size, type View } from "../view.js";
import { type Color, type Interval, oneOf } from "./draws.js";

export interface ShortSideOptions {
  /** one is drawn */
  sides?: readonly number[];
  /** the other side's limit; where it is met, the short side is shorter */
  longest?: number;
  /** of the side that follows */
  rounding?: "down" | "nearest";
}

/** Brings the short side to one of several lengths, keeping the aspect ratio (torchvision's RandomShortestSize). */
export function shortSide(view: View, draw: Draw, options: ShortSideOptions = {}): View {
  const { sides = MULTISCALE, longest = 1333, rounding = "down" } = options;
  return resize(view, withShortSide(view.size, oneOf(draw, sides), longest, rounding));
}

/** 480, 512, .. 800 */
const MULTISCALE = Array.from({ length: 11 }, (_, i) => 480 + 32 * i);

/** The size with the given short side, or, if that is smaller, with the given long side, and the same aspect ratio up to whole pixels. */
export function withShortSide(size: Size, short: number, longest = Number.POSITIVE_INFINITY, rounding: "down" | "nearest" = "down"): Size {
  const whole = rounding === "down" ? Math.floor : Math.round;
  const [low, high] = [Math.min(size.width, size.height), Math.max(size.width, size.height)];
  const long = whole((short * high) / low);
  const sides = long > longest ? [Math.max(whole((longest * low) / high), 1), longest] : [short, long];
  return size.width < size.height ? { width: sides[0]!, height: sides[1]! } : { width: sides[1]!, height: sides[0]! };
}

export interface LargeScaleJitterOptions {
  /** of the square that is seen in the end */
  side?: number;
  /** the picture's size relative to one that just fits */
  range?: Interval;
  /** the crop's corner: anywhere, or, as torchvision draws it, on the diagonal only */
  corner?: "anywhere" | "diagonal";
  fill?: Color;
}

/** Large-scale jittering (Ghiasi et al. 2021): the picture at a random size, of it a random square, or all of it with fill right and below. */
export function largeScaleJitter(view: View, draw: Draw, options: LargeScaleJitterOptions = {}): View {
  const { side = 1024, range = [0.1, 2], corner = "anywhere", fill = [123, 117, 104] } = options;
  const factor = (side / Math.max(view.size.width, view.size.height)) * between(draw, ...range);
  const scaled = (length: number) => Math.max(Math.floor(length * factor), 1);
  const { width, height } = { width: scaled(view.size.width), height: scaled(view.size.height) };
  const down = draw();
  const across = corner === "diagonal" ? down : draw();
  const [left, top] = [Math.floor(Math.max(width - side, 0) * across), Math.floor(Math.max(height - side, 0) * down)];
  const window = { left, top, width: side, height: side };
  return { ...clipBoxes(crop(resize(view, { width, height }), window)), fill };
}

export interface InterpolationOptions {
  /** one is drawn */
  kinds?: readonly Interpolation[];
}

/** How the result is interpolated; GluonCV trains with one of five. */
export function interpolation(view: View, draw: Draw, { kinds = FIVE_KINDS }: InterpolationOptions = {}): View {
  return { ...view, interpolation: kinds.length === 1 ? kinds[0]! : oneOf(draw, kinds) };
}

/** In the order of OpenCV's and MXNet's numbers. */
const FIVE_KINDS = ["nearest", "bilinear", "area", "bicubic", "lanczos"] as const;

export interface DropSmallOptions {
  /** of the shorter side, in pixels of the result */
  side?: number;
  /** in square pixels of the result */
  area?: number;
}

/** Boxes that are smaller in the end are left out. */
export function smallBoxes(view: View, _draw: Draw, { side = 0, area = 0 }: DropSmallOptions = {}): View {
  return { ...view, smallest: { side, area } };
}

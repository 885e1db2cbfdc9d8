import { between, type Draw } from "../../random.js";
import { brightened, type ColorChange, channelsOrdered, type FloatColorChange, hueTurned, multiplied, saturated } from "../color/index.js";
import type { View } from "../view.js";
import { happens, type Interval, oneOf } from "./draws.js";

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
  type Change = "brightness" | "contrast" | "saturation" | "hue";
  const maybe = (change: Change, [low, high]: Interval): ColorChange[] =>
    draw() < p ? [{ change, factor: between(draw, low, high) }] : [];
  const bright = maybe("brightness", brightness);
  const contrasted = maybe("contrast", contrast);
  const tinted = [...maybe("saturation", saturation), ...maybe("hue", hue)];
  const ordered = draw() < 0.5 ? [...contrasted, ...tinted] : [...tinted, ...contrasted];
  const channels: ColorChange[] = draw() < pChannels ? [{ change: "channels", order: oneOf(draw, ORDERS) }] : [];
  return { ...view, colors: [...view.colors, ...bright, ...ordered, ...channels] };
}

/** Every order of three channels. */
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** Colours in float, after pytorch-ssd (`hsv`) and GluonCV (`yiq`). */
export interface FloatPhotometricOptions {
  /** saturation and hue by way of HSV, or against grey and as a turn of YIQ's plane of colours */
  space?: "hsv" | "yiq";
  /** added, on a scale of 0 to 255 */
  brightness?: Interval;
  contrast?: Interval;
  saturation?: Interval;
  hue?: Interval;
  /** of `hue`: GluonCV takes its ±18 by π, which makes any hue of any, and means degrees */
  hueUnit?: "degrees" | "half-turns";
  /** of each change */
  p?: number;
  /** of the channels changing places */
  pChannels?: number;
}

/**
 * Liu et al. 2016 with the ranges of ssd.pytorch. Nothing is clipped between the changes; ours are made on the resized bytes and rounded
 * and clipped once behind the last, where the originals go on with floats beyond 0 to 255.
 */
export function floatPhotometric(view: View, draw: Draw, options: FloatPhotometricOptions = {}): View {
  const { space = "hsv", brightness = [-32, 32], contrast = [0.5, 1.5], saturation = [0.5, 1.5], hue = [-18, 18] } = options;
  const { hueUnit = "degrees", p = 0.5, pChannels = p } = options;
  const turned = (angle: number) => hueTurned(hueUnit === "degrees" ? (angle * Math.PI) / 180 : angle * Math.PI);
  const maybe = (change: (by: number) => FloatColorChange, range: Interval): FloatColorChange[] =>
    happens(draw, p) ? [change(between(draw, ...range))] : [];
  const contrasted = () => maybe(multiplied, contrast);
  const tinted = () =>
    space === "yiq"
      ? [...maybe(saturated, saturation), ...maybe(turned, hue)]
      : [
          ...maybe((factor) => ({ change: "hsv", hue: 0, saturation: factor }), saturation),
          ...maybe((degrees) => ({ change: "hsv", hue: degrees, saturation: 1 }), hue),
        ];
  const bright = maybe(brightened, brightness);
  const ordered = draw() >= 0.5 ? [...contrasted(), ...tinted()] : [...tinted(), ...contrasted()];
  const channels = pChannels > 0 && happens(draw, pChannels) ? [channelsOrdered(oneOf(draw, ORDERS))] : [];
  return { ...view, colors: [...view.colors, ...bright, ...ordered, ...channels] };
}

/** By how much each factor may differ from 1. */
export interface HsvJitterOptions {
  hue?: number;
  saturation?: number;
  value?: number;
}

/** Hue, saturation and value each by a factor of its own, in bytes (sparrow, after YOLO). */
export function hsvJitter(view: View, draw: Draw, { hue = 0.015, saturation = 0.7, value = 0.4 }: HsvJitterOptions = {}): View {
  const factor = (gain: number) => between(draw, 1 - gain, 1 + gain);
  const change: ColorChange = { change: "hsv-scaling", hue: factor(hue), saturation: factor(saturation), value: factor(value) };
  return { ...view, colors: [...view.colors, change] };
}

import { below, between, type Draw } from "../../random.js";
import { clipBoxes, crop, type Size, type View, type Window } from "../view.js";
import type { Interval } from "./draws.js";

export interface AreaCropOptions {
  /** of the crop, as a share of the picture's */
  area?: Interval;
  /** of one side to the other; which is which is drawn */
  aspect?: Interval;
  trials?: number;
  /** boxes end a pixel before the far edges, as in the original */
  reference?: boolean;
}

/**
 * A part of the picture of random area and shape; the middle square, if none fits (RetinaNet from scratch, after torchvision's
 * RandomResizedCrop of 2019). Boxes are cut at its edges; whether enough is left of them is asked at the end (`small-boxes`).
 */
export function areaCrop(view: View, draw: Draw, options: AreaCropOptions = {}): View {
  const { area = [0.85, 1], aspect = [3 / 4, 4 / 3], trials = 10, reference = false } = options;
  for (let trial = 0; trial < trials; trial++) {
    const part = randomPart(view.size, draw, area, aspect);
    if (part) return cut(view, part, reference);
  }
  const side = Math.min(view.size.width, view.size.height);
  return cut(view, middle(view.size, { width: side, height: side }), reference);
}

/** Undefined when it does not fit. */
function randomPart(size: Size, draw: Draw, area: Interval, aspect: Interval): Window | undefined {
  const target = between(draw, ...area) * size.width * size.height;
  const ratio = between(draw, ...aspect);
  const sides = [Math.round(Math.sqrt(target * ratio)), Math.round(Math.sqrt(target / ratio))] as const;
  const [width, height] = draw() < 0.5 ? [sides[1], sides[0]] : sides;
  if (width > size.width || height > size.height) return undefined;
  const left = below(draw, size.width - width + 1);
  return { left, top: below(draw, size.height - height + 1), width, height };
}

export interface CenterCropOptions {
  /** of the square */
  side?: number;
  reference?: boolean;
}

/** The middle square of the given side; fill beside smaller pictures. */
export function centerCrop(view: View, _draw: Draw, { side = 257, reference = false }: CenterCropOptions = {}): View {
  return cut(view, middle(view.size, { width: side, height: side }), reference);
}

function middle(size: Size, { width, height }: Size): Window {
  return { left: Math.floor((size.width - width) / 2), top: Math.floor((size.height - height) / 2), width, height };
}

function cut(view: View, part: Window, reference: boolean): View {
  const less = reference ? 1 : 0;
  return clipBoxes(crop(view, part), { width: part.width - less, height: part.height - less });
}

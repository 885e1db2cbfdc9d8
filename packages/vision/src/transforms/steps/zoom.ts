import { between, type Draw } from "../../random.js";
import { crop, type View } from "../view.js";
import { type Color, drawFactor, type Interval, share } from "./draws.js";
import { cropIfOverlapping } from "./iou-crop.js";

export interface ZoomOutOptions {
  /** sides of the canvas in sides of the picture */
  range?: Interval;
  fill?: Color;
  p?: number;
  /** which pixels of the room beside the picture may be its first */
  places?: keyof typeof PLACES;
}

/** Puts the picture somewhere on a larger canvas, so that objects become small (torchvision's RandomZoomOut). */
export function zoomOut(view: View, draw: Draw, options: ZoomOutOptions = {}): View {
  const { range = [1, 4], fill = [123, 117, 104], p = 0.5, places = "whole" } = options;
  if (draw() >= p) return view;
  const { width, height } = view.size;
  const factor = drawFactor(draw, range);
  const canvas = { width: share(width, factor), height: share(height, factor) };
  const left = PLACES[places](width, factor, draw());
  const top = PLACES[places](height, factor, draw());
  return { ...crop(view, { left: -left, top: -top, ...canvas }), fill };
}

/** In torchvision the last is never drawn, in GluonCV it is; pytorch-ssd counts the room before the canvas is cut to whole pixels. */
const PLACES = {
  whole: (side: number, factor: number, u: number) => share(share(side, factor) - side, u),
  inclusive: (side: number, factor: number, u: number) => share(share(side, factor) - side + 1, u),
  fractional: (side: number, factor: number, u: number) => Math.floor((side * factor - side) * u),
};

export interface ScaleJitterOptions {
  /** above 1 the picture is seen from nearer, below 1 from further away, with fill around it */
  range?: Interval;
  fill?: Color;
  p?: number;
}

/** Zooms in or out, keeping the aspect ratio. Objects whose center is no longer seen are gone; a part without objects is drawn again. */
export function scaleJitter(view: View, draw: Draw, { range = [0.7, 1.4], fill = [123, 117, 104], p = 1 }: ScaleJitterOptions = {}): View {
  if (draw() >= p) return view;
  const { width, height } = view.size;
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

import { between, type Draw } from "../../random.js";
import { type Affine, compose, mapBoxes, translation } from "../affine.js";
import { clipBoxes, crop, reframe, type View } from "../view.js";
import type { Color, Interval } from "./draws.js";

export interface AffineOptions {
  /** above 1 the picture grows */
  scale?: Interval;
  /** the largest angle to either side */
  degrees?: number;
  /** probability of being mirrored behind that */
  flip?: number;
  fill?: Color;
  /** As sparrow has it: the map of the boxes' points is taken for one of pixel centers, and boxes end a pixel before the far edges. */
  reference?: boolean;
}

/**
 * Scales, turns and flips the picture about its center in a frame that stays the same; turned boxes become their upright hulls, cut at
 * the frame (sparrow's geometry; with small angles that of the later RetinaNet from scratch).
 */
export function affine(view: View, draw: Draw, options: AffineOptions = {}): View {
  const { scale = [0.75, 1.25], degrees = 15, flip = 0, fill = [114, 114, 114], reference = false } = options;
  const { width, height } = view.size;
  const turn = about(width / 2, height / 2, between(draw, ...scale), between(draw, -degrees, degrees));
  const forward = draw() < flip ? compose([-1, 0, width, 0, 1, 0], turn) : turn;
  if (!reference) return { ...clipBoxes(reframe(view, forward, view.size)), fill };
  const ofCenters = compose(translation(0.5, 0.5), compose(forward, translation(-0.5, -0.5)));
  const seen = { ...reframe(view, ofCenters, view.size), boxes: mapBoxes(view.boxes, forward), fill };
  return clipBoxes(seen, { width: width - 1, height: height - 1 });
}

/** Scaled and turned counter-clockwise about a point. */
function about(x: number, y: number, scale: number, degrees: number): Affine {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  return compose(translation(x, y), compose([cos, sin, 0, -sin, cos, 0], translation(-x, -y)));
}

export interface ScaleAndPlaceOptions {
  /** of the picture's long side in the square */
  scale?: Interval;
  p?: number;
  fill?: Color;
}

/** Lays the picture, made smaller, somewhere upon a square, where else it would be in the middle at full size (RetinaNet from scratch, later repository). */
export function scaleAndPlace(view: View, draw: Draw, options: ScaleAndPlaceOptions = {}): View {
  const { scale = [0.6, 1], p = 0.5, fill = [0, 0, 0] } = options;
  if (draw() >= p) return view;
  const { width, height } = view.size;
  const side = Math.round(Math.max(width, height) / between(draw, ...scale));
  const left = Math.floor((side - width + 1) * draw());
  const top = Math.floor((side - height + 1) * draw());
  return { ...crop(view, { left: -left, top: -top, width: side, height: side }), fill, edge: "cut" };
}

import { below, type Draw } from "../../random.js";
import { flip, flipVertical, rotate, type View } from "../view.js";
import type { ChanceOptions } from "./draws.js";

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

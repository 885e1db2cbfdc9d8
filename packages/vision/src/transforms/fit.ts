import { below, type Draw } from "../random.js";
import type { Interpolation } from "./filter.js";
import type { Size, Window } from "./view.js";

/** How a picture of any size is laid into the input of a network. */
export type InputOptions = StretchOptions | LetterboxOptions | SidesOptions;

interface Resizing {
  /** How pixels are made in evaluation and prediction; left out: bilinear. Training says it by its augmentation. */
  interpolation?: Interpolation | undefined;
}

/** Stretched to one size; the aspect ratio is not kept (SSD). */
export interface StretchOptions extends Size, Resizing {
  resize: "stretch";
}

/** As large as it fits into one size with its aspect ratio kept; the rest is filled. */
export interface LetterboxOptions extends Size, Resizing {
  resize: "letterbox";
  fill: readonly [red: number, green: number, blue: number];
  /** The picture in the middle, or at the upper left. */
  align: "center" | "corner";
  /** Whether small pictures are enlarged. */
  enlarge: boolean;
}

/**
 * The short side to a given length, but the long side to no more than another; the aspect ratio is kept (torchvision's
 * GeneralizedRCNNTransform). A batch is padded to the right and below, to a multiple of `multiple`; the padding is zero behind the normalisation.
 */
export interface SidesOptions extends Resizing {
  resize: "sides";
  /** Training draws one for each picture, everything else takes the last. */
  shortSides: readonly number[];
  longSide: number;
  multiple: number;
  /** No side of a batch is shorter. */
  least?: number | undefined;
}

/** Where a picture lies in the input: a point x of it at x · scale.x + window.left. */
export interface Placement {
  /** What the network sees; in a batch of several sizes, the picture's own share of it. */
  canvas: Size;
  /** The picture's part of the canvas. */
  window: Window;
  scale: { x: number; y: number };
}

/** The input as everything but training sees it: one size for each picture. */
export const evaluationInput = (input: InputOptions): InputOptions =>
  input.resize === "sides" ? { ...input, shortSides: input.shortSides.slice(-1) } : input;

/** Where a picture of the given size lies in the input. Draws only where there are several sizes to choose from. */
export function placePicture(input: InputOptions, picture: Size, draw: Draw): Placement {
  switch (input.resize) {
    case "stretch":
      return filling(input, picture);
    case "letterbox":
      return letterboxed(input, picture);
    case "sides": {
      const { shortSides } = input;
      return filling(
        bySides(input, picture, shortSides.length > 1 ? shortSides[below(draw, shortSides.length)]! : shortSides[0]!),
        picture,
      );
    }
  }
}

function filling({ width, height }: Size, picture: Size): Placement {
  return {
    canvas: { width, height },
    window: { left: 0, top: 0, width, height },
    scale: { x: width / picture.width, y: height / picture.height },
  };
}

function letterboxed({ width, height, align, enlarge }: LetterboxOptions, picture: Size): Placement {
  const fit = Math.min(width / picture.width, height / picture.height);
  const scale = enlarge ? fit : Math.min(fit, 1);
  const own = { width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) };
  const [left, top] = align === "center" ? [Math.floor((width - own.width) / 2), Math.floor((height - own.height) / 2)] : [0, 0];
  return { canvas: { width, height }, window: { left, top, ...own }, scale: { x: scale, y: scale } };
}

/** In float64, as torchvision computes it from 0.15 on: a side that lands on a whole number keeps it. */
function bySides({ longSide }: SidesOptions, { width, height }: Size, shortSide: number): Size {
  const scale = Math.min(shortSide / Math.min(width, height), longSide / Math.max(width, height));
  return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

/** The most pixels that a picture takes in the input. */
export function maxPixels(input: InputOptions): number {
  return input.resize === "sides" ? Math.max(...input.shortSides) * input.longSide : input.width * input.height;
}

/** One size for a whole batch: the largest sides, rounded up. */
export function batchSize(input: InputOptions, canvases: readonly Size[]): Size {
  if (input.resize !== "sides") return { width: input.width, height: input.height };
  const { multiple, least = 0 } = input;
  const side = (of: (size: Size) => number) => Math.max(Math.ceil(Math.max(...canvases.map(of)) / multiple) * multiple, least);
  return { width: side(({ width }) => width), height: side(({ height }) => height) };
}

/** Boxes [n, 4] xyxy in pixels of the picture → in pixels of the input. */
export function boxesIntoInput(boxes: Float32Array, { window, scale }: Placement): Float32Array {
  return boxes.map((value, i) => (i % 2 === 0 ? value * scale.x + window.left : value * scale.y + window.top));
}

/** Boxes [n, 4] xyxy in pixels of the input → in pixels of the picture. */
export function boxesFromInput(boxes: Float32Array, { window, scale }: Placement): Float32Array {
  return boxes.map((value, i) => (i % 2 === 0 ? (value - window.left) / scale.x : (value - window.top) / scale.y));
}

import { below, between, type Draw } from "../../random.js";
import { clipBoxes, crop, selectMarks, type View, type Window } from "../view.js";
import { centeredIn, iouWith } from "./iou-crop.js";

export interface ConstrainedCropOptions {
  /** which objects must overlap the crop: all (GluonCV; crowded pictures are rarely cropped), or some one (the paper) */
  objects?: "all" | "some";
  /** for each one crop is sought that overlaps the objects so much */
  minIous?: readonly number[];
  /** of the square root of the picture's area */
  scale?: readonly [low: number, high: number];
  /** width / height, relative to the picture's, or its inverse: never more */
  maxAspect?: number;
  /** for each overlap */
  trials?: number;
}

/** Seeks a crop for each overlap and takes one of those found, or the whole picture (GluonCV's random_crop_with_constraints). */
export function constrainedCrop(view: View, draw: Draw, options: ConstrainedCropOptions = {}): View {
  const { objects = "all", minIous = [0.1, 0.3, 0.5, 0.7, 0.9, 0], scale = [0.3, 1], maxAspect = 2, trials = 50 } = options;
  const random = () => randomPart(view, draw, scale, maxAspect);
  if (view.labels.length === 0) return crop(view, random());
  const found = minIous.map((minIou) => {
    for (let trial = 0; trial < trials; trial++) {
      const part = random();
      if (overlapOf(view.boxes, part, objects) >= minIou) return part;
    }
    return undefined;
  });
  const candidates = [{ left: 0, top: 0, ...view.size }, ...found.filter((part) => part !== undefined)];
  while (candidates.length > 0) {
    const [part] = candidates.splice(below(draw, candidates.length), 1) as [Window];
    const seen = cropped(view, part);
    if (seen) return seen;
  }
  return view;
}

/** The part with the boxes whose centers lie in it, cut at its edges; undefined when there is none. */
export function cropped(view: View, part: Window): View | undefined {
  const kept = centeredIn(view.boxes, part, "first");
  return kept.length > 0 ? clipBoxes(crop(selectMarks(view, kept), part)) : undefined;
}

function overlapOf(boxes: Float32Array, part: Window, objects: "all" | "some"): number {
  const overlaps = Array.from({ length: boxes.length / 4 }, (_, i) => iouWith(boxes.subarray(4 * i, 4 * i + 4), part));
  return objects === "all" ? Math.min(...overlaps) : Math.max(...overlaps);
}

function randomPart({ size }: View, draw: Draw, [low, high]: readonly [number, number], maxAspect: number): Window {
  const scale = between(draw, low, high);
  const aspect = between(draw, Math.max(1 / maxAspect, scale ** 2), Math.min(maxAspect, 1 / scale ** 2));
  const height = Math.max(Math.trunc((size.height * scale) / Math.sqrt(aspect)), 1);
  const width = Math.max(Math.trunc(size.width * scale * Math.sqrt(aspect)), 1);
  const top = below(draw, size.height - height);
  return { left: below(draw, size.width - width), top, width, height };
}

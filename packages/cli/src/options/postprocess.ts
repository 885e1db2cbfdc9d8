import type { Recipe } from "@singleshot/detection/recipes";
import { Option } from "commander";
import { fraction, wholeNumber } from "./values.js";

/** How answers become detections, where that is to differ from the recipe. */
export interface PostprocessFlags {
  score?: number;
  iou?: number;
  topK?: number;
}

export const postprocessOptions = (): Option[] => [
  new Option("--iou <X>", "of two boxes that overlap more, the weaker goes, 0 to 1 (default: the recipe's)").argParser(fraction("--iou")),
  new Option("--top-k <N>", "at most so many detections a picture, the best (default: the recipe's)").argParser(
    wholeNumber("--top-k", { min: 1 }),
  ),
];

/** The recipe with what the flags say over it. */
export function withPostprocess(recipe: Recipe, { score, iou, topK }: PostprocessFlags): Recipe {
  const { postprocess } = recipe.detector;
  const changed = {
    ...postprocess,
    ...(score !== undefined && { scoreThreshold: score }),
    ...(iou !== undefined && { iouThreshold: iou }),
    ...(topK !== undefined && { maxDetections: topK }),
  };
  return { ...recipe, detector: { ...recipe.detector, postprocess: changed } };
}

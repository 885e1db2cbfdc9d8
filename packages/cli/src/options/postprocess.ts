import type { Recipe } from "@singleshot/detection/recipes";
import { Option } from "commander";
import { fraction, wholeNumber } from "./values.js";

/** How answers become detections, where that is to differ from the recipe. */
export interface PostprocessFlags {
  score?: number;
  nms?: "hard" | "soft";
  iou?: number;
  classAgnostic?: boolean;
  topK?: number;
}

export const postprocessOptions = (): Option[] => [
  new Option("--nms <M>", "of boxes that overlap, the weaker go (hard) or lose score (soft)").choices(["hard", "soft"]),
  new Option("--iou <X>", "hard: the overlap above which the weaker goes, 0 to 1").argParser(fraction("--iou")),
  new Option("--class-agnostic", "boxes of different classes compete too"),
  new Option("--top-k <N>", "at most so many detections a picture, the best").argParser(wholeNumber("--top-k", { min: 1 })),
];

/** The recipe with what the flags say over it. */
export function withPostprocess(recipe: Recipe, { score, nms, iou, classAgnostic, topK }: PostprocessFlags): Recipe {
  const { postprocess } = recipe.detector;
  const changed: Recipe["detector"]["postprocess"] = {
    ...postprocess,
    ...(score !== undefined && { scoreThreshold: score }),
    ...(topK !== undefined && { maxDetections: topK }),
    nms: {
      ...postprocess.nms,
      ...(nms !== undefined && { method: nms }),
      ...(iou !== undefined && { iouThreshold: iou }),
      ...(classAgnostic !== undefined && { classAgnostic }),
    },
  };
  return { ...recipe, detector: { ...recipe.detector, postprocess: changed } };
}

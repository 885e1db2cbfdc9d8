import { merge, type Recipe } from "@singleshot/detection/recipes";
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

/** What the flags say, as a recipe's `detector.postprocess` has it. */
export function postprocessChanges({ score, nms, iou, classAgnostic, topK }: PostprocessFlags): object {
  return {
    ...(score !== undefined && { scoreThreshold: score }),
    ...(topK !== undefined && { maxDetections: topK }),
    nms: {
      ...(nms !== undefined && { method: nms }),
      ...(iou !== undefined && { iouThreshold: iou }),
      ...(classAgnostic !== undefined && { classAgnostic }),
    },
  };
}

/** The recipe with what the flags say over it. */
export const withPostprocess = (recipe: Recipe, flags: PostprocessFlags): Recipe =>
  merge(recipe, { detector: { postprocess: postprocessChanges(flags) } }) as Recipe;

import { existsSync } from "node:fs";
import { join } from "node:path";
import { createDetector, type GridsFor, gridsOf, type Recipe } from "@singleshot/detection";
import { readRecipe } from "../recipe/index.js";

/** A recipe and the feature maps that its anchors stand on. */
export interface OpenedAnchors {
  recipe: Recipe;
  gridsFor: GridsFor;
}

/** @param source a recipe's name, a recipe's file, or a run directory */
export async function openAnchors(source: string, { set }: { set?: readonly string[] }): Promise<OpenedAnchors> {
  const config = join(source, "config.json");
  const recipe = readRecipe(existsSync(config) ? config : source, { ...(set && { set }) });
  const detector = createDetector(recipe.detector, weightedClasses(recipe));
  try {
    return { recipe, gridsFor: gridsOf(detector.eval()) };
  } finally {
    detector.dispose();
  }
}

/** Anchors know no classes, but weights by class are refused where the class is not there. */
function weightedClasses({ detector: { loss } }: Recipe): string[] {
  const weights = "classWeights" in loss.classification ? loss.classification.classWeights : undefined;
  return weights ? Object.keys(weights) : ["object"];
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type AnchorLevel, anchorLevels, createDetector, type Recipe } from "@singleshot/detection";
import { readRecipe } from "../recipe/index.js";

/** A recipe and the anchors that it gives. */
export interface OpenedAnchors {
  recipe: Recipe;
  levels: AnchorLevel[];
}

/** @param source a recipe's name, a recipe's file, or a run directory */
export async function openAnchors(source: string, { set }: { set?: readonly string[] }): Promise<OpenedAnchors> {
  const config = join(source, "config.json");
  const recipe = await readRecipe(existsSync(config) ? config : source, { ...(set && { set }) });
  const { classWeights } = recipe.detector.loss;
  const detector = createDetector(recipe.detector, classWeights ? Object.keys(classWeights) : ["object"]); // anchors know no classes
  try {
    return { recipe, levels: anchorLevels(detector) };
  } finally {
    detector.dispose();
  }
}

import { InputError } from "@singleshot/vision";
import { checked } from "./checked.js";
import { gluoncvRecipes } from "./gluoncv.js";
import { jetsonRecipes } from "./jetson.js";
import { isData, merge } from "./merge.js";
import { quickstart } from "./quickstart.js";
import { retinanetScratchRecipes } from "./retinanet-scratch.js";
import { type Recipe, type RecipeInput, recipeSchema, type TrainingOptions } from "./schema.js";
import { sparrowRecipes } from "./sparrow.js";
import { torchvisionRecipes } from "./torchvision.js";

export { type ClassifierName, type ClassifierRecipe, classifierNames } from "./classifier-schema.js";
export {
  type AnchorLevel,
  type AnchorOptions,
  type CoderOptions,
  type DetectorOptions,
  detectorSchemaPart,
  type LossOptions,
  type MatcherOptions,
  type PostprocessOptions,
} from "./detector-schema.js";
export { type JetsonNet, type JetsonOptions, jetsonDetector } from "./jetson.js";
export { type Data, isData, merge, nested } from "./merge.js";
export type { NetworkName, NetworkOptions, OptionsOf } from "./network-schema.js";
export { pretrainingRecipes } from "./pretraining.js";
export {
  type PretrainingRecipe,
  type PretrainingRecipeInput,
  pretrainingRecipeSchema,
  resolvePretrainingRecipe,
} from "./pretraining-schema.js";
export {
  type OptimizerOptions,
  type Recipe,
  type RecipeInput,
  recipeSchema,
  type ScheduleOptions,
  type TrainingOptions,
} from "./schema.js";
export { type Sides, withSides } from "./sides.js";

/** Every recipe that ships, by name. */
export const recipes: ReadonlyMap<string, RecipeInput> = new Map(
  [quickstart, ...torchvisionRecipes, ...jetsonRecipes, ...gluoncvRecipes, ...sparrowRecipes, ...retinanetScratchRecipes].map((recipe) => [
    recipe.name,
    recipe,
  ]),
);

/**
 * Fills in what was left out and checks the rest.
 *
 * @param reference puts back what the original does where the recipe does better: to compare with it number for number
 * @throws InputError naming every key that is wrong; for a classifier's recipe
 */
export function resolveRecipe(input: unknown, { file, reference = false }: { file?: string; reference?: boolean } = {}): Recipe {
  if (isData(input) && "task" in input)
    throw new InputError("this is a classifier's recipe, not a detector's", { ...(file && { file }), fix: STARTS_FROM_IT });
  return checked(recipeSchema, reference ? withReference(input) : input, file);
}

const STARTS_FROM_IT = "a detector starts from its weights: `singleshot train --backbone FILE`";

function withReference(input: unknown): unknown {
  const { reference, ...recipe } = input as RecipeInput;
  return reference ? merge(recipe, reference) : recipe;
}

/**
 * A recipe as the weights want it that training starts from: from random ones nothing is frozen, published ones may belong to a network
 * that is a little different.
 */
export function startingFrom({ weights, backbone }: Pick<TrainingOptions, "weights" | "backbone">, recipe: Recipe): Recipe {
  const { fromScratch, fromWeights, ...rest } = recipe; // applied once: a run that goes on has its recipe
  if (weights === undefined && backbone === undefined) return fromScratch ? resolveRecipe(merge(rest, fromScratch)) : recipe;
  const changes = weights === undefined ? undefined : fromWeights?.[weights];
  return changes ? resolveRecipe(merge({ ...rest, ...(fromScratch && { fromScratch }) }, changes)) : recipe;
}

import { InputError } from "@singleshot/vision";
import { z } from "zod";
import { quickstart } from "./quickstart.js";
import { type Recipe, type RecipeInput, recipeSchema } from "./schema.js";
import { ssdlite320, ssdlite320Small } from "./torchvision.js";

export {
  type DetectorOptions,
  type OptimizerOptions,
  type Recipe,
  type RecipeInput,
  recipeSchema,
  type ScheduleOptions,
} from "./schema.js";

/** Every recipe that ships, by name. */
export const recipes: ReadonlyMap<string, RecipeInput> = new Map(
  [quickstart, ssdlite320, ssdlite320Small].map((recipe) => [recipe.name, recipe]),
);

/**
 * Fills in what was left out and checks the rest.
 * @throws InputError naming every key that is wrong
 */
export function resolveRecipe(input: unknown, { file }: { file?: string } = {}): Recipe {
  const result = recipeSchema.safeParse(input);
  if (result.success) return result.data;
  throw new InputError(`the recipe is wrong: ${z.prettifyError(result.error).replace(/\n\s*/g, " ")}`, {
    ...(file && { file }),
    fix: "`singleshot recipes NAME` prints a complete one",
  });
}

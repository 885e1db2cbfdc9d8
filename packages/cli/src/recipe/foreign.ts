import type { LoadOptions, Origin, Recipe } from "@singleshot/detection";
import { InputError } from "@singleshot/vision";
import { Option } from "commander";
import { readRecipe } from "./read-recipe.js";

/** What a model file is, where it does not say so itself. */
export interface ForeignFlags {
  recipe?: string;
  labels?: string;
}

export const foreignRecipeOption = (): Option =>
  new Option("--recipe <R>", "the recipe, where the file holds nothing but weights (torchvision's script, other programs)");
export const foreignLabelsOption = (): Option =>
  new Option("--labels <FILE>", "with --recipe: its classes, one a line (default: COCO's 90, as torchvision numbers them)");

/** As `loadModel` takes it. @throws InputError where there is no such recipe or the classes are no list */
export async function foreignModel({ recipe, labels }: ForeignFlags): Promise<Pick<LoadOptions, "madeBy">> {
  if (recipe === undefined) return {};
  const { COCO_NAMES } = await import("@singleshot/detection/published");
  return { madeBy: await foreign({ recipe: readRecipe(recipe, {}, "--recipe"), labels, classes: () => COCO_NAMES }) };
}

interface Foreign {
  recipe: Recipe;
  /** A file that lists the classes, one a line. */
  labels?: string | undefined;
  /** Where there is none; asked for when the file turns out not to know. */
  classes: () => readonly string[];
}

/** What made a file that holds nothing but weights. @throws InputError where `labels` is no list of classes */
export async function foreign({ recipe, labels, classes }: Foreign): Promise<Origin> {
  const listed = labels === undefined ? undefined : (await import("@singleshot/vision/node")).readClassList(labels);
  return {
    recipe,
    get classes() {
      return listed ?? classes();
    },
  };
}

/** Of a command where the list stands for nothing else. */
export function requireRecipe({ recipe, labels }: ForeignFlags): void {
  if (labels !== undefined && recipe === undefined)
    throw new InputError("--labels goes with --recipe", { fix: "leave it out: other files name their classes themselves" });
}

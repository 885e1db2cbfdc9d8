import type { LoadOptions } from "@singleshot/detection";
import { InputError } from "@singleshot/vision";
import { Option } from "commander";
import { readRecipe } from "./read-recipe.js";

/** What a model file is, where it does not say so itself. */
export interface ForeignFlags {
  recipe?: string;
  labels?: string;
}

export const foreignRecipeOption = (): Option =>
  new Option("--recipe <R>", "of a file with weights alone, which torchvision or another program wrote: its recipe");
export const foreignLabelsOption = (): Option =>
  new Option("--labels <FILE>", "with --recipe: its classes, one a line (default: COCO's 90, as torchvision numbers them)");

/** As `loadModel` takes it. @throws InputError where there is no such recipe or the classes are no list */
export async function foreignModel({ recipe, labels }: ForeignFlags): Promise<Pick<LoadOptions, "otherwise">> {
  if (recipe === undefined) return {};
  const [{ COCO_NAMES }, { readClassList }] = await Promise.all([
    import("@singleshot/detection/published"),
    import("@singleshot/vision/node"),
  ]);
  const classes = labels === undefined ? COCO_NAMES : readClassList(labels);
  return { otherwise: { recipe: readRecipe(recipe, {}, "--recipe"), classes } };
}

/** Of a command where the list stands for nothing else. */
export function requireRecipe({ recipe, labels }: ForeignFlags): void {
  if (labels !== undefined && recipe === undefined)
    throw new InputError("--labels goes with --recipe", { fix: "leave it out: other files name their classes themselves" });
}

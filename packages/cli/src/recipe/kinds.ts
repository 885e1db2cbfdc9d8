import {
  type Data,
  nested,
  type PretrainingRecipe,
  pretrainingRecipeSchema,
  pretrainingRecipes,
  type Recipe,
  recipeSchema,
  recipes,
  resolvePretrainingRecipe,
  resolveRecipe,
  startingFrom,
} from "@singleshot/detection/recipes";
import type { RecipeSchema } from "./recipe-keys.js";

/** Flags that change a recipe. */
export interface RecipeFlags {
  epochs?: number;
  batchSize?: number;
  workers?: number;
  seed?: number;
  /** A file of weights that training starts from. */
  weights?: string;
  /** When to save, beside the end of every epoch. */
  saveEvery?: { steps?: number; minutes?: number };
  /** Batch norm over the pictures of all processes. */
  syncBn?: boolean;
  /** `key=value`, in the order given */
  set?: readonly string[];
  /** Put back what the original does where the recipe does better. */
  reference?: boolean;
  /** Of a detector: a file of weights that its backbone starts from. */
  backbone?: string;
  /** Of a classifier: training ends after so many. */
  steps?: number;
  /** Of a classifier: its name. */
  network?: string;
}

/** What is trained: where its recipes are, and where flags go in them. */
export interface RecipeKind<R> {
  command: string;
  shipped: ReadonlyMap<string, unknown>;
  schema: RecipeSchema;
  resolve(input: unknown, options: { file?: string; reference?: boolean }): R;
  into: Partial<Record<keyof RecipeFlags, (value: never) => unknown>>;
  /** The recipe that flags go over, once it is known what they come to. */
  base?(changed: R, resolved: R): R;
}

const at = (key: string) => (value: unknown) => nested(key.split("."), value);

const shared = {
  epochs: at("schedule.epochs"),
  batchSize: at("data.batchSize"),
  workers: at("data.workers"),
  seed: at("training.seed"),
  weights: at("training.weights"),
  saveEvery: at("training.saveEvery"),
  syncBn: at("training.syncBatchNorm"),
};

export const detectorRecipes: RecipeKind<Recipe> = {
  command: "train",
  shipped: recipes,
  schema: recipeSchema,
  resolve: resolveRecipe,
  into: { ...shared, backbone: at("training.backbone") },
  base: ({ training }, resolved) => startingFrom(training, resolved),
};

export const classifierRecipes: RecipeKind<PretrainingRecipe> = {
  command: "pretrain",
  shipped: pretrainingRecipes,
  schema: pretrainingRecipeSchema,
  resolve: resolvePretrainingRecipe,
  into: {
    ...shared,
    epochs: (epochs: number) => ({ schedule: { epochs }, steps: undefined }), // one or the other says how long it takes
    steps: at("steps"),
    network: (name: string) => ({ classifier: { network: { name } } }),
  },
};

/** The kind that a recipe's content is of. */
export const kindOf = (recipe: Data): RecipeKind<unknown> =>
  ("task" in recipe ? classifierRecipes : detectorRecipes) as RecipeKind<unknown>;

/** The kind that ships a recipe of this name. */
export const kindOfName = (name: string): RecipeKind<unknown> | undefined =>
  [detectorRecipes, classifierRecipes].find(({ shipped }) => shipped.has(name)) as RecipeKind<unknown> | undefined;

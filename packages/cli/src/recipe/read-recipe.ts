import { existsSync, readFileSync } from "node:fs";
import { fromScratch, isData, merge, nested, type Recipe, recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { closest, InputError } from "@singleshot/vision";
import { requireRecipeKey } from "./recipe-keys.js";

/** Flags that change a recipe. */
export interface RecipeFlags {
  epochs?: number;
  batchSize?: number;
  workers?: number;
  seed?: number;
  /** A file of weights that the backbone starts from. */
  backbone?: string;
  /** A detector's weights that training starts from. */
  weights?: string;
  /** When to save, beside the end of every epoch. */
  saveEvery?: { steps?: number; minutes?: number };
  /** `key=value`, in the order given */
  set?: readonly string[];
  /** Put back what the original does where the recipe does better. */
  reference?: boolean;
}

/** Where the flags' values go. */
const INTO: Record<Exclude<keyof RecipeFlags, "set" | "reference">, string> = {
  epochs: "schedule.epochs",
  batchSize: "data.batchSize",
  workers: "data.workers",
  seed: "training.seed",
  backbone: "training.backbone",
  weights: "training.weights",
  saveEvery: "training.saveEvery",
};

/**
 * A recipe by its name or from a file, with the flags over it. A file may be a whole recipe, a run's `config.json`, or
 * `{ "extends": NAME, ... }` with what is different.
 *
 * @param as the flag that named it, for messages
 * @throws InputError: no such recipe, a file that is none, a key or a value that does not fit
 */
export function readRecipe(nameOrFile: string, flags: RecipeFlags = {}, as?: string): Recipe {
  const shipped = recipes.get(nameOrFile);
  return withFlags(shipped ?? fromFile(nameOrFile, as), flags, shipped ? {} : { file: nameOrFile });
}

/** @param place the recipe's file, for messages about what was wrong before the flags */
export function withFlags(input: unknown, flags: RecipeFlags, place: { file?: string } = {}): Recipe {
  const resolved = resolveRecipe(input, { ...place, reference: flags.reference ?? false });
  const settings = (flags.set ?? []).map(readSetting);
  const named = Object.entries(INTO).flatMap(([flag, key]) => {
    const value = flags[flag as keyof typeof INTO];
    return value === undefined ? [] : [nested(key.split("."), value)];
  });
  const changed = (base: Recipe) =>
    resolveRecipe(
      [...settings, ...named].reduce((inner, overlay) => merge(inner, overlay), base as unknown),
      { file: "--set" },
    );
  const recipe = changed(resolved);
  const { backbone, weights } = recipe.training;
  return backbone === undefined && weights === undefined ? changed(fromScratch(resolved)) : recipe;
}

/** `optimizer.learningRate=0.01` */
function readSetting(text: string): unknown {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw new InputError(`${text} is not of the form key=value`, { file: "--set", fix: "for example: --set optimizer.learningRate=0.01" });
  requireRecipeKey(key, "--set");
  return nested(key.split("."), readValue(value));
}

function fromFile(file: string, as: string | undefined): unknown {
  if (!existsSync(file)) throw noSuchRecipe(file, as);
  const content = readJson(file);
  if (!isData(content)) throw notARecipe(file, "no JSON object");
  const { extends: name, ...rest } = isData(content.recipe) ? content.recipe : content;
  return name === undefined ? rest : merge(shippedRecipe(name, file), rest);
}

function shippedRecipe(name: unknown, file: string): Recipe {
  const recipe = recipes.get(String(name));
  if (!recipe) throw new InputError(`"extends": no recipe is called ${name}`, { file, fix: `there ${listed()}` });
  return resolveRecipe(recipe);
}

function noSuchRecipe(name: string, as: string | undefined): InputError {
  const guess = closest(name, recipes.keys());
  const fix = guess ? `did you mean ${guess}?` : `there ${listed()}`;
  return new InputError(`no recipe and no file is called ${name}`, { ...(as !== undefined && { file: as }), fix });
}

const listed = () => `${recipes.size === 1 ? "is" : "are"} ${[...recipes.keys()].join(", ")}`;

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw notARecipe(file, (error as Error).message);
  }
}

const notARecipe = (file: string, reason: string) =>
  new InputError(`not a recipe: ${reason}`, { file, fix: "`singleshot recipes NAME` prints one to begin with" });

/** What is not JSON is text: `data.augmentation=ssd`. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

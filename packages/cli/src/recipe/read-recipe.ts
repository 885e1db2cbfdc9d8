import { existsSync, readFileSync } from "node:fs";
import { type Data, isData, merge, nested, type Recipe } from "@singleshot/detection/recipes";
import { closest, InputError } from "@singleshot/vision";
import { detectorRecipes, kindOf, kindOfName, type RecipeFlags, type RecipeKind } from "./kinds.js";
import { type RecipeSchema, requireRecipeKey } from "./recipe-keys.js";

/**
 * A recipe by its name or from a file, with the flags over it. A file may be a whole recipe, a run's `config.json`, or
 * `{ "extends": NAME, ... }` with what is different.
 *
 * @param as the flag that named it, for messages
 * @throws InputError: no such recipe, a file that is none, a key or a value that does not fit
 */
export function readRecipe(nameOrFile: string, flags: RecipeFlags = {}, as?: string): Recipe {
  return readRecipeOf(detectorRecipes, nameOrFile, flags, as);
}

/** The same of another kind. */
export function readRecipeOf<R>(kind: RecipeKind<R>, nameOrFile: string, flags: RecipeFlags = {}, as?: string): R {
  const shipped = kind.shipped.get(nameOrFile);
  return withFlags(kind, shipped ?? fromFile(kind, nameOrFile, as), flags, shipped ? {} : { file: nameOrFile });
}

/** @param place the recipe's file, for messages about what was wrong before the flags */
export function withFlags<R>(kind: RecipeKind<R>, input: unknown, flags: RecipeFlags, place: { file?: string } = {}): R {
  const resolved = kind.resolve(input, { ...place, reference: flags.reference ?? false });
  const settings = (flags.set ?? []).map((text) => readSetting(kind.schema, text));
  const named = Object.entries(kind.into).flatMap(([flag, into]) => {
    const value = flags[flag as keyof RecipeFlags];
    return value === undefined ? [] : [into(value as never)];
  });
  const changed = (base: R) =>
    kind.resolve(
      [...settings, ...named].reduce((inner, overlay) => merge(inner, overlay), base as unknown),
      { file: "--set" },
    );
  const recipe = changed(resolved);
  return kind.base ? changed(kind.base(recipe, resolved)) : recipe;
}

/** `optimizer.learningRate=0.01` */
function readSetting(schema: RecipeSchema, text: string): unknown {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw new InputError(`${text} is not of the form key=value`, { file: "--set", fix: "for example: --set optimizer.learningRate=0.01" });
  requireRecipeKey(schema, key, "--set");
  return nested(key.split("."), readValue(value));
}

function fromFile(kind: RecipeKind<unknown>, file: string, as: string | undefined): unknown {
  if (!existsSync(file)) throw noSuchRecipe(kind, file, as);
  const content = readJson(file);
  if (!isData(content)) throw notARecipe(file, "no JSON object");
  const { extends: name, ...rest } = isData(content.recipe) ? content.recipe : content;
  const whole = name === undefined ? rest : (merge(shippedRecipe(String(name), file), rest) as Data);
  if (kindOf(whole) !== kind) throw otherKind(kindOf(whole), file, as);
  return whole;
}

function shippedRecipe(name: string, file: string): unknown {
  const kind = kindOfName(name);
  if (!kind) throw new InputError(`"extends": no recipe is called ${name}`, { file, fix: `there ${listed(detectorRecipes)}` });
  return kind.resolve(kind.shipped.get(name), {});
}

function noSuchRecipe(kind: RecipeKind<unknown>, name: string, as: string | undefined): InputError {
  const other = kindOfName(name);
  if (other) return otherKind(other, name, as);
  const guess = closest(name, kind.shipped.keys());
  const fix = guess ? `did you mean ${guess}?` : `there ${listed(kind)}`;
  return new InputError(`no recipe and no file is called ${name}`, { ...(as !== undefined && { file: as }), fix });
}

const otherKind = ({ command }: RecipeKind<unknown>, name: string, as: string | undefined) =>
  new InputError(`${name} is a recipe for another command`, {
    ...(as !== undefined && { file: as }),
    fix: `use \`singleshot ${command}\``,
  });

const listed = ({ shipped }: { shipped: ReadonlyMap<string, unknown> }) =>
  `${shipped.size === 1 ? "is" : "are"} ${[...shipped.keys()].join(", ")}`;

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

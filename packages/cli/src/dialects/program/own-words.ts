import { isData, type Recipe, recipes, resolveRecipe, startingFrom } from "@singleshot/detection/recipes";
import type { DataSource } from "../../data/index.js";
import { dataFlags } from "../../data/index.js";
import { detectorRecipes, withFlags } from "../../recipe/index.js";
import { shellWord } from "../../terminal/index.js";

const MAX_LENGTH = 600; // letters: more settings are no help to a reader, and the run's config.json has all

/** What a run is made of, as far as words need it. */
export interface RunInWords {
  recipe: Recipe;
  data: DataSource;
  split: string | undefined;
  evaluationSplit: string | undefined;
  out: string;
  /** a checkpoint that is gone on with */
  checkpoint?: string;
  /** where it is not the one that is found without a word */
  device?: string;
}

/** The same run in our own words: a command that one may paste into a shell. */
export function ownWords({ recipe, data, split, evaluationSplit, out, checkpoint, device }: RunInWords): string {
  const settings = settingsOf(recipe);
  const { format } = data.options;
  const words = [
    ["--recipe", settings ? recipe.name : `${out}/config.json`],
    [dataFlags(data)],
    format ? ["--dataset", format] : [],
    split === undefined ? [] : ["--split", split],
    evaluationSplit === undefined ? [] : ["--eval-split", evaluationSplit],
    checkpoint === undefined ? [] : ["--resume", checkpoint],
    device === undefined ? [] : ["--device", device],
    ...(settings ?? []).map((setting) => ["--set", setting]),
  ];
  const quoted = words.flatMap(([flag, value]) => (flag === undefined ? [] : [value === undefined ? flag : `${flag} ${shellWord(value)}`]));
  return `singleshot train ${quoted.filter((word) => word !== "").join(" ")}`;
}

/** What a recipe has otherwise than the one that ships under its name, as `--set` takes it; undefined where that does not make the same. */
export function settingsOf(recipe: Recipe): string[] | undefined {
  const shipped = recipes.get(recipe.name);
  if (!shipped) return undefined;
  const settings = differences(startingFrom(recipe.training, resolveRecipe(shipped)), recipe, "");
  if (settings.join().length > MAX_LENGTH) return undefined;
  return same(withFlags(detectorRecipes, shipped, { set: settings }), recipe) ? settings : undefined;
}

function differences(from: unknown, to: unknown, path: string): string[] {
  if (same(from, to)) return [];
  const isPart = isData(from) && isData(to) && from.name === to.name && from.resize === to.resize;
  if (path !== "" && !isPart) return [`${path}=${typeof to === "string" ? to : JSON.stringify(to)}`];
  return Object.entries(to as object).flatMap(([key, value]) => {
    const below = path === "" ? key : `${path}.${key}`;
    return differences((from as Record<string, unknown>)[key], value, below);
  });
}

/** Equal as data; what is not there is as good as undefined. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isData(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

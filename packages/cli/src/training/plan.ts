import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RunConfig } from "@singleshot/detection";
import { classifierNames, type PretrainingRecipe, type Recipe, recipes } from "@singleshot/detection/recipes";
import type { WorldFlags } from "@singleshot/torch/world";
import { closest, InputError } from "@singleshot/vision";
import { chooseSplit, type DataSource, dataSource, sourceOfRun } from "../data/index.js";
import type { DataFlags, DeviceFlags } from "../options/index.js";
import { classifierRecipes, detectorRecipes, type RecipeFlags, type RecipeKind, readRecipeOf, withFlags } from "../recipe/index.js";
import { latestRun } from "./latest-run.js";

/** The flags of `train` and `pretrain`, as read. */
export interface TrainFlags extends RecipeFlags, DataFlags, DeviceFlags, WorldFlags {
  recipe?: string;
  split?: string;
  /** Of a classifier: another data set to evaluate on. */
  evalData?: string[];
  evalSplit?: string;
  out?: string;
  threads?: number;
  report?: boolean;
  resume?: string | true;
  replay?: string;
}

/** What is trained, on what, and where. */
export interface Plan<R = Recipe> {
  recipe: R;
  data: DataSource;
  /** what is evaluated on, where it is not a split of that */
  evaluationData?: DataSource;
  split: string | undefined;
  evaluationSplit: string | undefined;
  /** of a run that exists; else the data's */
  classes?: readonly string[];
  out: string;
  resume: boolean;
  /** the checkpoint that a new run goes on from */
  from?: string;
  /** what the user should know before it begins */
  note?: string;
}

/** What the two commands that train do differently before they begin. */
interface Planning<R> {
  recipes: RecipeKind<R>;
  config(root: string): Promise<RunConfig<R & object>>;
  note?(recipe: R, flags: TrainFlags): string | undefined;
}

type Planned = { name: string; evaluation: { split: string } };

const detectors: Planning<Recipe> = {
  recipes: detectorRecipes,
  config: async (root) => (await import("@singleshot/detection")).readConfig(root),
  note: (recipe, flags) => (isFromScratch(recipe, flags) ? FROM_SCRATCH : undefined),
};

const classifiers: Planning<PretrainingRecipe> = {
  recipes: classifierRecipes,
  config: async (root) => (await import("@singleshot/detection")).readPretrainingConfig(root),
};

/** @throws InputError on flags that are missing or do not go together */
export function planRun(flags: TrainFlags): Promise<Plan> {
  const { resume, recipe } = flags;
  if (typeof resume === "string" && recipe !== undefined && isFile(resume)) return planNewRun(detectors, flags, resume);
  return planned(detectors, flags);
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** The same for a classifier. */
export async function planPretraining(flags: TrainFlags): Promise<Plan<PretrainingRecipe>> {
  if (flags.network !== undefined) requireNetwork(flags.network);
  return planned(classifiers, flags);
}

function requireNetwork(name: string): void {
  if ((classifierNames as readonly string[]).includes(name)) return;
  const guess = closest(name, classifierNames);
  const fix = guess ? `did you mean ${guess}?` : `there are ${classifierNames.join(", ")}`;
  throw new InputError(`no classifier is called ${name}`, { file: "--network", fix });
}

const planned = <R extends Planned>(planning: Planning<R>, flags: TrainFlags): Promise<Plan<R>> =>
  flags.resume === undefined ? planNewRun(planning, flags) : planResumedRun(planning, flags, flags.resume);

async function planNewRun<R extends Planned>({ recipes, note }: Planning<R>, flags: TrainFlags, from?: string): Promise<Plan<R>> {
  if (flags.recipe === undefined)
    throw new InputError("--recipe is missing", { fix: "name one that `singleshot recipes` lists, or a file" });
  const recipe = readRecipeOf(recipes, flags.recipe, flags, "--recipe");
  const data = dataSource(flags, { missing: "name the folder of your photographs and annotations" });
  const evaluationData = evaluationSource(flags);
  const evaluationSplit = chooseSplit(evaluationData ?? data, flags.evalSplit, [recipe.evaluation.split, "test", "val"]);
  const evaluation = { ...recipe.evaluation, ...(evaluationSplit !== undefined && { split: evaluationSplit }) };
  const told = from === undefined ? note?.(recipe, flags) : undefined;
  return {
    recipe: { ...recipe, evaluation },
    data,
    ...(evaluationData && { evaluationData }),
    split: chooseSplit(data, flags.split, ["train", "trainval"]),
    evaluationSplit,
    out: flags.out ?? freeRun(recipe.name),
    resume: false,
    ...(from !== undefined && { from }),
    ...(told !== undefined && { note: told }),
  };
}

/** Read as the training data are. */
const evaluationSource = ({ dataset, evalData }: TrainFlags): DataSource | undefined =>
  evalData && dataSource({ ...(dataset && { dataset }), data: evalData }, { as: "--eval-data" });

const FROM_SCRATCH =
  "This recipe was made for a pretrained backbone. Without --backbone or --weights all of it is trained, from random weights: expect less, and later.";

const isFromScratch = ({ training }: Recipe, { recipe = "" }: TrainFlags) =>
  recipes.get(recipe)?.fromScratch !== undefined && training.backbone === undefined && training.weights === undefined;

function freeRun(recipe: string): string {
  const name = recipe.replace(/[^\w.-]+/g, "-");
  let number = 1;
  while (existsSync(join("runs", `${name}-${number}`))) number++;
  return join("runs", `${name}-${number}`);
}

const FIXED = {
  recipe: "--recipe",
  reference: "--reference",
  backbone: "--backbone",
  weights: "--weights",
  batchSize: "--batch-size",
  seed: "--seed",
  set: "--set",
  syncBn: "--sync-bn",
  network: "--network",
  split: "--split",
  evalSplit: "--eval-split",
};

async function planResumedRun<R extends Planned>(
  { recipes, config }: Planning<R>,
  flags: TrainFlags,
  resume: string | true,
): Promise<Plan<R>> {
  if (typeof resume === "string" && flags.out !== undefined)
    throw new InputError("a resumed run stays where it is", { file: "--out", fix: "leave it out" });
  const fixed = Object.entries(FIXED).find(([name]) => flags[name as keyof TrainFlags] !== undefined);
  if (fixed) {
    const fix = "leave it out, or begin a new run without --resume";
    throw new InputError("a resumed run keeps its settings", { file: fixed[1], fix });
  }
  const out = resume === true ? (flags.out ?? latestRun()) : resume;
  const { recipe, classes, data } = await config(out);
  const source = sourceOfRun(data, flags);
  const { dataset, evaluationRoot } = data;
  const evaluationData = evaluationSource({
    dataset: dataset as NonNullable<TrainFlags["dataset"]>,
    ...(evaluationRoot !== undefined && { evalData: [evaluationRoot].flat() }),
    ...flags,
  });
  return {
    recipe: withFlags(recipes, recipe, flags),
    data: source,
    ...(evaluationData && { evaluationData }),
    split: data.split || undefined,
    evaluationSplit: chooseSplit(evaluationData ?? source, undefined, [recipe.evaluation.split]),
    classes,
    out,
    resume: true,
  };
}

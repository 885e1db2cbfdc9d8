import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Recipe, recipes } from "@singleshot/detection/recipes";
import { InputError } from "@singleshot/vision";
import { chooseSplit, type DataSource, dataSource, sourceOfRun } from "../data/index.js";
import type { DataFlags } from "../options/index.js";
import { type RecipeFlags, readRecipe, withFlags } from "../recipe/index.js";
import { latestRun } from "./latest-run.js";

/** The flags of `train`, as read. */
export interface TrainFlags extends RecipeFlags, DataFlags {
  recipe?: string;
  split?: string;
  evalSplit?: string;
  out?: string;
  threads?: number;
  report?: boolean;
  resume?: string | true;
  replay?: string;
}

/** What is trained, on what, and where. */
export interface Plan {
  recipe: Recipe;
  data: DataSource;
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

/** @throws InputError on flags that are missing or do not go together */
export function planRun(flags: TrainFlags): Promise<Plan> {
  const { resume, recipe } = flags;
  if (resume === undefined) return planNewRun(flags);
  if (typeof resume === "string" && recipe !== undefined && isFile(resume)) return planNewRun(flags, resume);
  return planResumedRun(flags, resume);
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

async function planNewRun(flags: TrainFlags, from?: string): Promise<Plan> {
  if (flags.recipe === undefined)
    throw new InputError("--recipe is missing", { fix: "name one that `singleshot recipes` lists, or a file" });
  const recipe = readRecipe(flags.recipe, flags, "--recipe");
  const data = dataSource(flags, "name the folder of your photographs and annotations");
  const evaluationSplit = chooseSplit(data, flags.evalSplit, [recipe.evaluation.split, "test", "val"]);
  const evaluation = { ...recipe.evaluation, ...(evaluationSplit !== undefined && { split: evaluationSplit }) };
  return {
    recipe: { ...recipe, evaluation },
    data,
    split: chooseSplit(data, flags.split, ["train", "trainval"]),
    evaluationSplit,
    out: flags.out ?? freeRun(recipe.name),
    resume: false,
    ...(from !== undefined && { from }),
    ...(from === undefined && isFromScratch(recipe, flags) && { note: FROM_SCRATCH }),
  };
}

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
  split: "--split",
  evalSplit: "--eval-split",
};

async function planResumedRun(flags: TrainFlags, resume: string | true): Promise<Plan> {
  if (typeof resume === "string" && flags.out !== undefined)
    throw new InputError("a resumed run stays where it is", { file: "--out", fix: "leave it out" });
  const fixed = Object.entries(FIXED).find(([name]) => flags[name as keyof TrainFlags] !== undefined);
  if (fixed) {
    const fix = "leave it out, or begin a new run without --resume";
    throw new InputError("a resumed run keeps its settings", { file: fixed[1], fix });
  }
  const { readConfig } = await import("@singleshot/detection");
  const out = resume === true ? (flags.out ?? latestRun()) : resume;
  const { recipe, classes, data } = readConfig(out);
  const source = sourceOfRun(data, flags);
  return {
    recipe: withFlags(recipe, flags),
    data: source,
    split: data.split || undefined,
    evaluationSplit: chooseSplit(source, undefined, [recipe.evaluation.split]),
    classes,
    out,
    resume: true,
  };
}

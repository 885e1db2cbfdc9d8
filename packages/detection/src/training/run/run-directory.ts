import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { removeTemporaryFiles, writeFileAtomic } from "@singleshot/base/atomic-file";
import { InputError } from "@singleshot/vision";
import type { ReadingRules } from "@singleshot/vision/node";
import { type PretrainingRecipe, type Recipe, resolvePretrainingRecipe, resolveRecipe } from "../../recipes/index.js";

/** Where the training data lie: absolute paths, so that a run may be resumed from anywhere. */
export interface DataSource extends ReadingRules {
  /** the folder, or several whose classes are matched by name */
  root: string | string[];
  /** of the evaluation data, where they are a data set of their own */
  evaluationRoot?: string | string[];
  /** the format's name, `voc` for instance */
  dataset: string;
  /** files in other places than the format says */
  annotations?: string;
  images?: string;
  labels?: string;
}

/** What `config.json` of a run holds: with it the run can be made again. */
export interface RunConfig<R extends object = Recipe> {
  recipe: R;
  classes: string[];
  data: DataSource & { split: string };
}

/** The folder of one training run; all that is in it is written whole or not at all. */
export interface RunDirectory {
  root: string;
  /** `last`, `best`, `best-loss` or `epoch-N`. */
  checkpoint(name: string): string;
  /** Steps in which something was not finite. */
  replays: string;
  /** Adds a line to metrics.jsonl. */
  record(line: object): void;
  /** Bytes of metrics.jsonl so far. */
  recorded(): number;
  /** Forgets the lines after the given length: they were written after the checkpoint that a resumed run starts from. */
  rewind(bytes: number): void;
}

/** Makes the folder, or brings that of an earlier run up to date and clears away what killed writers left. Nobody else may be writing there. */
export function createRun(root: string, config: RunConfig<object>): RunDirectory {
  const checkpoints = join(root, "checkpoints");
  mkdirSync(checkpoints, { recursive: true });
  for (const folder of [root, checkpoints]) removeTemporaryFiles(folder);
  writeFileAtomic(join(root, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
  writeFileAtomic(join(root, "labels.txt"), config.classes.map((name) => `${name}\n`).join(""));
  return runDirectory(root);
}

/** Removes the folder of a run that could not begin; where anything was trained, or lies there besides, it stays. */
export function removeUnbegun(root: string): void {
  const own = new Set(["config.json", "labels.txt", "checkpoints"]);
  const checkpoints = join(root, "checkpoints");
  if (!existsSync(root) || readdirSync(root).some((name) => !own.has(name))) return;
  if (existsSync(checkpoints) && readdirSync(checkpoints).length > 0) return;
  rmSync(root, { recursive: true });
}

export function runDirectory(root: string): RunDirectory {
  const metrics = join(root, "metrics.jsonl");
  const recorded = () => (existsSync(metrics) ? statSync(metrics).size : 0);
  return {
    root,
    checkpoint: (name) => join(root, "checkpoints", `${name}.pth`),
    replays: join(root, "replay"),
    record: (line) => append(metrics, `${JSON.stringify(line)}\n`),
    recorded,
    rewind: (bytes) => {
      if (recorded() > bytes) truncateSync(metrics, bytes);
    },
  };
}

/** @throws InputError where the folder has been removed under the run */
function append(file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new InputError("the run directory is gone", { file: dirname(file), fix: "what was in it is lost; begin a new run" });
  }
}

export const isRun = (root: string): boolean => existsSync(join(root, "config.json"));

/** @throws InputError if the folder is no detector's run, or its configuration was damaged */
export function readConfig(root: string): RunConfig {
  const config = readAnyConfig(root);
  if (isPretraining(config))
    throw new InputError("a classifier was trained in this folder", { file: root, fix: "`singleshot pretrain --resume` goes on with it" });
  return { ...config, recipe: resolveRecipe(config.recipe, { file: configFile(root) }) };
}

/** @throws InputError if the folder is no classifier's run, or its configuration was damaged */
export function readPretrainingConfig(root: string): RunConfig<PretrainingRecipe> {
  const config = readAnyConfig(root);
  if (!isPretraining(config))
    throw new InputError("a detector was trained in this folder", { file: root, fix: "`singleshot train --resume` goes on with it" });
  return { ...config, recipe: resolvePretrainingRecipe(config.recipe, { file: configFile(root) }) };
}

const configFile = (root: string) => join(root, "config.json");
const isPretraining = ({ recipe }: RunConfig<object>) => "task" in recipe;

/** With its recipe as it stands there. */
export function readAnyConfig(root: string): RunConfig<object> {
  const file = configFile(root);
  if (!existsSync(file))
    throw new InputError("no run in this folder: it has no config.json", { file: root, fix: "name the folder that `train --out` wrote" });
  try {
    return JSON.parse(readFileSync(file, "utf8")) as RunConfig<object>;
  } catch (error) {
    throw new InputError(`not readable as JSON: ${(error as Error).message}`, { file });
  }
}

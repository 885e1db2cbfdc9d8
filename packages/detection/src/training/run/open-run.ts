import { existsSync } from "node:fs";
import { type Device, type distributed, type nn, optim } from "@singleshot/torch";
import { type Dataset, InputError } from "@singleshot/vision";
import { alone, type Team } from "../../distributed/index.js";
import type { OptimizerOptions, TrainingOptions } from "../../recipes/index.js";
import { createOptimizer } from "../optimizer.js";
import { type About, restoreCheckpoint, saveCheckpoint } from "./checkpoint.js";
import { createRun, type DataSource, type RunDirectory, readAnyConfig, runDirectory } from "./run-directory.js";
import { beginning, type TrainingState } from "./state.js";

/** What is trained on, what it is evaluated on, and where they lie. */
export type TrainingData = { train: Dataset; evaluation?: Dataset } & Pick<DataSource, "root"> & Partial<DataSource>;

/** A run to begin or to go on with, in a folder that this process holds. */
export interface RunOptions<Recipe extends object> {
  recipe: Recipe;
  data: TrainingData;
  /** The run directory. */
  out: string;
  /** Go on from the run's last checkpoint. */
  resume?: boolean;
  /** When it is aborted the run saves and ends after the step in hand. */
  signal?: AbortSignal;
  /** Left out: all cores, shared with the other processes on this host, where neither their launcher nor the environment says more. */
  threads?: number;
  /** Where to compute, as `findDevice` names it. Left out: the CPU. */
  device?: Device;
  /** The processes that train together; rank 0's recipe, folder and weights are those of all. Left out: this one alone. */
  world?: distributed.World;
}

/** @throws InputError where a new run was to begin in the folder of another */
export function requireNewRun({ out, resume }: Pick<RunOptions<object>, "out" | "resume">): void {
  if (!resume && existsSync(runDirectory(out).checkpoint("last")))
    throw new InputError("a run is in this folder already", { file: out, fix: "use --resume to go on with it, or another --out" });
}

/** The folder, with the settings that the run has now. Only rank 0 writes there. */
export function openRun({ out, resume, recipe, data }: RunOptions<object>, { isFirst }: Team = alone): RunDirectory {
  if (!isFirst) return { ...runDirectory(out), record() {}, rewind() {} };
  if (resume) {
    const config = readAnyConfig(out);
    return createRun(out, { ...config, recipe, data: { ...config.data, ...sourceOf(data, config.data.dataset) } }); // more epochs perhaps, or data elsewhere
  }
  const { train } = data;
  return createRun(out, { recipe, classes: train.classes, data: { ...sourceOf(data, "auto"), split: train.split ?? "" } });
}

function sourceOf({ train: _, evaluation: __, dataset, ...places }: TrainingData, usual: string): DataSource {
  return { ...places, dataset: dataset ?? usual };
}

/** A model in training mode with all that trains it. */
export async function trainingState<Model extends nn.Module>(
  model: Model,
  { optimizer, training }: { optimizer: OptimizerOptions; training: Pick<TrainingOptions, "emaDecay" | "precision"> },
  team: Team = alone,
): Promise<TrainingState<Model>> {
  const { emaDecay, precision } = training;
  return {
    model,
    optimizer: createOptimizer(model, optimizer),
    ema: emaDecay === undefined ? undefined : new optim.ExponentialMovingAverage(model, { decay: emaDecay }),
    scaler: precision === "float16" ? new optim.GradScaler() : undefined,
    progress: beginning(),
    team,
    gradients: await team.sharedGradients(model),
  };
}

/** @throws InputError where a run would have no step, or a process no part of one */
export function requireSteps(counts: readonly number[], { batchSize }: { batchSize: number }, { name }: Dataset, { size }: Team): void {
  if (batchSize < size)
    throw new InputError(`a batch of ${batchSize} cannot be shared out among ${size} processes`, {
      fix: `data.batchSize counts the pictures of all of them: make it ${size} or more, or start fewer`,
    });
  if (counts.some((count) => count > 0)) return;
  throw new InputError(`all epochs together do not fill one batch of ${batchSize}`, {
    file: name,
    fix: "set data.lastBatch to keep, or train with smaller batches or more epochs",
  });
}

/** Puts a run's last checkpoint back, or begins, as rank 0 does it for all; the numbers recorded behind it are forgotten. */
export async function restoreOr(
  { run, state, about }: { run: RunDirectory; state: TrainingState; about: About },
  { resume }: { resume?: boolean },
  begin: () => void,
): Promise<void> {
  const { team } = state;
  if (team.isFirst) {
    const path = run.checkpoint("last");
    if (resume && existsSync(path)) state.progress = restoreCheckpoint(path, state);
    else begin(); // also where a run was killed before its first checkpoint
    run.rewind(state.progress.recordedBytes);
  }
  await team.fileFromFirst(
    (path) => saveCheckpoint(path, state, about),
    (path) => {
      state.progress = restoreCheckpoint(path, state);
    },
  );
}

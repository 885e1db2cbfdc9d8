import type { Device } from "@singleshot/torch";
import type { Dataset, ImageDetections } from "@singleshot/vision";
import { createDetector, type Detector, freeze, freezeBatchNorm } from "../detectors/index.js";
import type { Team } from "../distributed/index.js";
import { evaluate, evaluateLosses, lossMeter } from "../evaluation/index.js";
import type { Batch, Loader } from "../loader/index.js";
import type { Recipe } from "../recipes/index.js";
import { asTeam, seedStep } from "./as-team.js";
import { trainingLoader } from "./data.js";
import { detectorTrial } from "./detector-trial.js";
import { repeatable } from "./failed-step.js";
import { broadcast, type DetectionValues, heard, LOOP_EVENTS, type Measured, type TrainingObserver } from "./observers/index.js";
import { choosePrecision } from "./precision.js";
import { seedRandom } from "./random-state.js";
import {
  type About,
  goOnFrom,
  openRun,
  type RunDirectory,
  type RunOptions,
  requireSteps,
  restoreOr,
  startingWeights,
  type TrainingState,
  trainingState,
} from "./run/index.js";
import { scheduleWarnings } from "./schedule-warnings.js";
import { trainStep } from "./train-step.js";
import { type Evaluated, runLoop, type TrainingEnd, type TrainingLoop } from "./training-loop.js";

export interface TrainOptions extends RunOptions<Recipe> {
  /** A new run goes on from this checkpoint: of another run, of torchvision or of sparrow. */
  from?: string;
  observers?: readonly TrainingObserver[];
}

export type TrainResult = TrainingEnd<Measured>;

/**
 * Trains the detector of a recipe. What comes out depends on the recipe, the data and the number of threads only; a run that was killed
 * and resumed ends with the same tensors as one that was not.
 *
 * @throws InputError on wrong input, a loss or gradient that is not finite, a run directory that is taken
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const told = (message: string) => options.observers?.forEach((one) => void one.warned?.(message));
  return asTeam(options, () => withPrecision(options.recipe, options.device ?? "cpu", told), trainIn);
}

async function trainIn({ signal, ...options }: TrainOptions, team: Team): Promise<TrainResult> {
  const { recipe, data, out, device = "cpu" } = options;
  const tell: Required<TrainingObserver> = broadcast(heard(options.observers, team), ["prepared", "started", ...LOOP_EVENTS]);
  const run = openRun(options, team);
  const state = await trainingState(freshDetector(recipe, data.train.classes, device), recipe, team);
  if (recipe.training.syncBatchNorm) team.synchronizeBatchNorm(state.model);
  const loader = trainingLoader(recipe, data.train, tell.warned, team);
  const about = { classes: state.model.classes, recipe };
  const counts = loader.batchCounts(recipe.schedule.epochs);
  const steps = counts.reduce((sum, count) => sum + count, 0);
  try {
    requireSteps(counts, recipe.data, data.train, team);
    if (team.isFirst) for (const warning of scheduleWarnings(recipe.schedule, counts)) tell.warned(warning);
    await restoreOr({ run, state, about }, options, () => begin(options, state, counts, tell.warned));
    tell.prepared(state);
    tell.started({
      recipe,
      classes: data.train.classes,
      root: out,
      steps,
      done: state.progress.globalStep,
      ...(data.evaluation && { evaluation: data.evaluation }),
    });
    const end = await runLoop(loopOf({ recipe, data, run, about, state, loader, counts, tell, signal }));
    tell.ended({ step: end.progress.globalStep, interrupted: end.interrupted });
    return end;
  } finally {
    await loader.close();
    state.model.dispose();
  }
}

function withPrecision(recipe: Recipe, device: Device, warned: (message: string) => void): Recipe {
  const { detector, training } = recipe;
  const precision = choosePrecision(training.precision, device, () => detectorTrial(detector, device), warned);
  return { ...recipe, training: { ...training, precision } };
}

/** Begins with the same weights on every device. */
function freshDetector({ detector, training }: Recipe, classes: readonly string[], device: Device): Detector {
  seedRandom(device, training.seed);
  const model = createDetector(detector, classes).to({ device }).train();
  if (training.freeze !== undefined) freeze(model, training.freeze);
  if (training.freezeBatchNorm) freezeBatchNorm(model);
  return model;
}

/** Weights that training starts from, or the place that another run has come to. */
function begin(
  { recipe, from }: TrainOptions,
  state: TrainingState<Detector>,
  counts: readonly number[],
  told: (message: string) => void,
): void {
  if (from === undefined) startingWeights(state.model, recipe, told);
  else state.progress = goOnFrom(from, state, counts);
}

interface Parts {
  recipe: Recipe;
  data: TrainOptions["data"];
  run: RunDirectory;
  about: About;
  state: TrainingState<Detector>;
  loader: Loader;
  counts: readonly number[];
  tell: Required<TrainingObserver>;
  signal: AbortSignal | undefined;
}

function loopOf(parts: Parts): TrainingLoop<Batch, DetectionValues, Measured> {
  const { recipe, data, run, about, state, loader, counts, tell, signal } = parts;
  return {
    ...{ recipe, run, about, state, counts, tell, signal },
    epoch: (epoch, options) => loader.epoch(epoch, options),
    step: (batch, pictures) => guardedStep(parts, batch, pictures),
    ...(data.evaluation && { evaluate: () => evaluated(parts, data.evaluation!) }),
  };
}

/** A step that can be repeated where something in it is not finite. */
async function guardedStep({ state, recipe, run }: Parts, batch: Batch, pictures: readonly number[]): Promise<DetectionValues> {
  seedStep(state, recipe.training.seed);
  const { images, boxes, labels, counts, extents, entries } = batch;
  const looksAt = { entries, batch: { images, boxes, labels, counts, extents } };
  const step = { run, recipe, classes: state.model.classes, command: "train", ...looksAt } as const;
  return repeatable(state, step, () => trainStep(state, batch, recipe, pictures));
}

async function evaluated({ recipe, state, tell, signal }: Parts, dataset: Dataset): Promise<Evaluated<Measured>> {
  const { map, loss, protocol } = recipe.evaluation;
  const start = performance.now();
  const { model, team } = state;
  const options = {
    team,
    batchSize: recipe.training.microBatchSize ?? (loss ? recipe.data.batchSize : sharedBatchSize(recipe.data, team)),
    workers: recipe.data.workers,
    difficult: recipe.data.difficult,
    onProgress: tell.evaluating,
    ...(signal && { signal }),
  };
  const meter = loss ? lossMeter(model, team) : undefined;
  const found: { detections?: readonly ImageDetections[] } = {};
  const onDetections = (detections: readonly ImageDetections[]) => {
    found.detections = detections;
  };
  const evaluation = map
    ? await evaluate(model, dataset, { ...options, protocol, onDetections, ...(meter && { onAnswers: meter.add }) })
    : undefined;
  const losses = evaluation ? await meter?.mean() : await evaluateLosses(model, dataset, options);
  const measured: Measured = {
    durationMs: performance.now() - start,
    ...(evaluation && { evaluation }),
    ...(losses && { losses }),
    ...found,
  };
  return {
    result: measured,
    ...(evaluation && { score: evaluation.map ?? 0 }), // nothing to find: no evaluation is better than another
    ...(losses && { loss: losses.loss }),
    record: recordOf(measured),
  };
}

/** What a process computes at once in a step. Detections do not depend on it; losses are means over batches, and do. */
const sharedBatchSize = ({ batchSize }: Recipe["data"], { size }: Team): number => Math.ceil(batchSize / size);

function recordOf({ evaluation, losses }: Measured): object {
  const { durationMs: _, ...lasting } = evaluation ?? { durationMs: 0 };
  return { ...(evaluation && { evaluation: lasting }), ...(losses && { evaluationLosses: losses }) };
}

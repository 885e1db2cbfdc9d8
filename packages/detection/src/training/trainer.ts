import { existsSync } from "node:fs";
import { defaultGenerator, optim, setThreads } from "@singleshot/torch";
import { type Dataset, InputError } from "@singleshot/vision";
import { createDetector, type Detector, freeze, freezeBatchNorm } from "../detectors/index.js";
import { evaluate, evaluateLosses, lossMeter } from "../evaluation/index.js";
import type { Batch, Loader } from "../loader/index.js";
import type { Recipe } from "../recipes/index.js";
import { restoreCheckpoint } from "./checkpoint.js";
import { type Course, type CourseEnd, type Evaluated, runCourse } from "./course.js";
import { trainingLoader } from "./data.js";
import { withLock } from "./lock.js";
import { NotFinite } from "./not-finite.js";
import { broadcast, COURSE_EVENTS, type DetectionValues, type Measured, type TrainingObserver } from "./observer.js";
import { createOptimizer } from "./optimizer.js";
import { choosePrecision } from "./precision.js";
import { explained } from "./replay.js";
import { createRun, type DataSource, type RunDirectory, readConfig, runDirectory } from "./run-directory.js";
import { scheduleWarnings } from "./schedule-warnings.js";
import { startingWeights } from "./starting-weights.js";
import { beginning, type Progress, type TrainingState } from "./state.js";
import { trainStep } from "./train-step.js";

export interface TrainOptions {
  recipe: Recipe;
  data: { train: Dataset; evaluation?: Dataset } & Pick<DataSource, "root"> & Partial<DataSource>;
  /** The run directory. */
  out: string;
  /** Go on from the run's last checkpoint. */
  resume?: boolean;
  /** When it is aborted the run saves and ends after the step in hand. */
  signal?: AbortSignal;
  threads?: number;
  observers?: readonly TrainingObserver[];
}

export type TrainResult = CourseEnd<Measured>;

/**
 * Trains the detector of a recipe. What comes out depends on the recipe, the data and the number of threads only; a run that was killed
 * and resumed ends with the same tensors as one that was not.
 *
 * @throws InputError on wrong input, a loss or gradient that is not finite, a run directory that is taken
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  if (options.threads) setThreads(options.threads);
  return withLock(options.out, () => trainAlone(options));
}

async function trainAlone({ signal, ...options }: TrainOptions): Promise<TrainResult> {
  const { data, out, observers = [] } = options;
  const tell: Required<TrainingObserver> = broadcast(observers, ["prepared", "started", ...COURSE_EVENTS]);
  requireNewRun(options);
  const recipe = withPrecision(options.recipe, tell.warned);
  const run = openRun({ ...options, recipe });
  const state = freshState(recipe, data.train.classes);
  const loader = trainingLoader(recipe, data.train, tell.warned);
  const counts = loader.batchCounts(recipe.schedule.epochs);
  const steps = counts.reduce((sum, count) => sum + count, 0);
  try {
    if (steps === 0) throw nothingToDo(recipe, data.train);
    for (const warning of scheduleWarnings(recipe.schedule, counts)) tell.warned(warning);
    state.progress = options.resume ? resumed(run, state, recipe, tell.warned) : begun(state, recipe, tell.warned);
    run.rewind(state.progress.recordedBytes);
    tell.prepared(state);
    tell.started({ recipe, classes: data.train.classes, root: out, steps, done: state.progress.globalStep });
    return await runCourse(courseOf({ recipe, data, run, state, loader, counts, tell, signal }));
  } finally {
    await loader.close();
    state.model.dispose();
  }
}

function requireNewRun({ out, resume }: TrainOptions): void {
  if (!resume && existsSync(runDirectory(out).checkpoint("last")))
    throw new InputError("a run is in this folder already", { file: out, fix: "use --resume to go on with it, or another --out" });
}

function withPrecision(recipe: Recipe, warned: (message: string) => void): Recipe {
  return { ...recipe, training: { ...recipe.training, precision: choosePrecision(recipe, warned) } };
}

function openRun({ out, resume, recipe, data }: TrainOptions): RunDirectory {
  if (resume) {
    const config = readConfig(out);
    return createRun(out, { ...config, recipe, data: { ...config.data, ...sourceOf(data, config.data.dataset) } }); // more epochs perhaps, or data elsewhere
  }
  const { train } = data;
  return createRun(out, { recipe, classes: train.classes, data: { ...sourceOf(data, "auto"), split: train.split ?? "" } });
}

function sourceOf({ train: _, evaluation: __, dataset, ...places }: TrainOptions["data"], usual: string): DataSource {
  return { ...places, dataset: dataset ?? usual };
}

function freshState(recipe: Recipe, classes: readonly string[]): TrainingState<Detector> {
  defaultGenerator.seed(recipe.training.seed);
  const model = createDetector(recipe.detector, classes).train();
  const { emaDecay, freeze: frozen, precision } = recipe.training;
  if (frozen !== undefined) freeze(model, frozen);
  if (recipe.training.freezeBatchNorm) freezeBatchNorm(model);
  return {
    model,
    optimizer: createOptimizer(model, recipe.optimizer),
    ema: emaDecay === undefined ? undefined : new optim.ExponentialMovingAverage(model, { decay: emaDecay }),
    scaler: precision === "float16" ? new optim.GradScaler() : undefined,
    progress: beginning(),
  };
}

function nothingToDo({ data }: Recipe, { name }: Dataset): InputError {
  return new InputError(`all epochs together do not fill one batch of ${data.batchSize}`, {
    file: name,
    fix: "set data.lastBatch to keep, or train with smaller batches or more epochs",
  });
}

function resumed(run: RunDirectory, state: TrainingState<Detector>, recipe: Recipe, told: (message: string) => void): Progress {
  const path = run.checkpoint("last");
  if (!existsSync(path)) return begun(state, recipe, told); // killed before the first checkpoint: from the start
  return restoreCheckpoint(path, state);
}

function begun(state: TrainingState<Detector>, recipe: Recipe, told: (message: string) => void): Progress {
  startingWeights(state.model, recipe, told);
  return state.progress;
}

interface Parts {
  recipe: Recipe;
  data: TrainOptions["data"];
  run: RunDirectory;
  state: TrainingState<Detector>;
  loader: Loader;
  counts: readonly number[];
  tell: Required<TrainingObserver>;
  signal: AbortSignal | undefined;
}

function courseOf(parts: Parts): Course<Batch, DetectionValues, Measured> {
  const { recipe, data, run, state, loader, counts, tell, signal } = parts;
  return {
    ...{ recipe, run, state, counts, tell, signal },
    about: { classes: state.model.classes, recipe },
    epoch: (epoch, options) => loader.epoch(epoch, options),
    step: (batch) => guardedStep(parts, batch),
    ...(data.evaluation && { evaluate: () => evaluated(parts, data.evaluation!) }),
  };
}

/** A step that can be repeated where something in it is not finite. */
function guardedStep({ state, recipe, run }: Parts, batch: Batch): DetectionValues {
  using generator = defaultGenerator.state;
  try {
    return trainStep(state, batch, recipe);
  } catch (error) {
    throw error instanceof NotFinite ? explained(error, state, batch, { run, recipe, generator }) : error;
  }
}

async function evaluated({ recipe, state, tell, signal }: Parts, dataset: Dataset): Promise<Evaluated<Measured>> {
  const { map, loss, protocol } = recipe.evaluation;
  const start = performance.now();
  const { model } = state;
  const options = {
    batchSize: recipe.training.microBatchSize ?? recipe.data.batchSize,
    workers: recipe.data.workers,
    onProgress: tell.evaluating,
    ...(signal && { signal }),
  };
  const meter = loss ? lossMeter(model) : undefined;
  const evaluation = map ? await evaluate(model, dataset, { ...options, protocol, ...(meter && { onAnswers: meter.add }) }) : undefined;
  const losses = evaluation ? meter?.mean() : await evaluateLosses(model, dataset, options);
  const measured: Measured = { durationMs: performance.now() - start, ...(evaluation && { evaluation }), ...(losses && { losses }) };
  return {
    result: measured,
    ...(evaluation && { score: evaluation.map ?? 0 }), // nothing to find: no evaluation is better than another
    ...(losses && { loss: losses.loss }),
    record: recordOf(measured),
  };
}

function recordOf({ evaluation, losses }: Measured): object {
  const { durationMs: _, ...lasting } = evaluation ?? { durationMs: 0 };
  return { ...(evaluation && { evaluation: lasting }), ...(losses && { evaluationLosses: losses }) };
}

import { existsSync } from "node:fs";
import { defaultGenerator, optim, setThreads } from "@singleshot/torch";
import { type Dataset, InputError } from "@singleshot/vision";
import { createDetector, freeze, loadBackboneFile } from "../detectors/index.js";
import { type Evaluation, evaluate } from "../evaluation/index.js";
import type { Loader } from "../loader/index.js";
import type { Recipe } from "../recipes/index.js";
import { type Progress, restoreCheckpoint, saveCheckpoint, saveModel, type TrainingState } from "./checkpoint.js";
import { trainingLoader } from "./data.js";
import { broadcast, type TrainingObserver } from "./observer.js";
import { createOptimizer } from "./optimizer.js";
import { createRun, type DataSource, type RunDirectory, readConfig, runDirectory } from "./run-directory.js";
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

export interface TrainResult {
  interrupted: boolean;
  progress: Progress;
  evaluation: Evaluation | undefined;
}

/**
 * Trains the detector of a recipe. What comes out depends on the recipe, the data and the number of threads only; a run that was killed
 * and resumed ends with the same tensors as one that was not.
 *
 * @throws InputError on wrong input, a loss that is not finite, a run directory that is taken
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { recipe, data, out, observers = [], threads } = options;
  if (threads) setThreads(threads);
  const tell: Required<TrainingObserver> = broadcast(observers);
  const run = openRun(options);
  const state = freshState(recipe, data.train.classes);
  const loader = trainingLoader(recipe, data.train, tell.warned);
  const batches = loader.batchCounts(recipe.schedule.epochs);
  const context: Context = { ...options, run, state, loader, tell, batches, steps: batches.reduce((sum, count) => sum + count, 0) };
  try {
    if (context.steps === 0) throw nothingToDo(context);
    state.progress = options.resume ? resumed(context) : begun(state, recipe);
    run.rewind(state.progress.recordedBytes);
    tell.started({ recipe, classes: data.train.classes, root: out, steps: context.steps, done: state.progress.globalStep });
    return await epochs(context);
  } finally {
    await loader.close();
    state.detector.dispose();
  }
}

interface Context extends TrainOptions {
  run: RunDirectory;
  state: TrainingState;
  loader: Loader;
  tell: Required<TrainingObserver>;
  /** how many batches each epoch has */
  batches: readonly number[];
  steps: number;
}

function openRun({ out, resume, recipe, data }: TrainOptions): RunDirectory {
  if (resume) {
    const config = readConfig(out);
    return createRun(out, { ...config, recipe, data: { ...config.data, ...sourceOf(data, config.data.dataset) } }); // more epochs perhaps, or data elsewhere
  }
  if (existsSync(runDirectory(out).checkpoint("last")))
    throw new InputError("a run is in this folder already", { file: out, fix: "use --resume to go on with it, or another --out" });
  const { train } = data;
  return createRun(out, { recipe, classes: train.classes, data: { ...sourceOf(data, "auto"), split: train.split ?? "" } });
}

function sourceOf({ train: _, evaluation: __, dataset, ...places }: TrainOptions["data"], usual: string): DataSource {
  return { ...places, dataset: dataset ?? usual };
}

function freshState(recipe: Recipe, classes: readonly string[]): TrainingState {
  defaultGenerator.seed(recipe.training.seed);
  const detector = createDetector(recipe.detector, classes).train();
  const { emaDecay, freeze: frozen } = recipe.training;
  if (frozen !== undefined) freeze(detector, frozen);
  return {
    detector,
    optimizer: createOptimizer(detector, recipe.optimizer),
    ema: emaDecay === undefined ? undefined : new optim.ExponentialMovingAverage(detector, { decay: emaDecay }),
    progress: { epoch: 0, step: 0, globalStep: 0, best: null, recordedBytes: 0 },
  };
}

function nothingToDo({ recipe, data }: Context): InputError {
  return new InputError(`all epochs together do not fill one batch of ${recipe.data.batchSize}`, {
    file: data.train.name,
    fix: "set data.lastBatch to keep, or train with smaller batches or more epochs",
  });
}

function resumed({ run, state, recipe }: Context): Progress {
  const path = run.checkpoint("last");
  if (!existsSync(path)) return begun(state, recipe); // killed before the first checkpoint: from the start
  return restoreCheckpoint(path, state);
}

/** The weights that training starts from. */
function begun(state: TrainingState, { training }: Recipe): Progress {
  if (training.backbone !== undefined) loadBackboneFile(state.detector, training.backbone);
  return state.progress;
}

async function epochs(context: Context): Promise<TrainResult> {
  const { recipe, state, batches, signal } = context;
  const { progress } = state;
  let evaluation: Evaluation | undefined;
  while (progress.epoch < recipe.schedule.epochs) {
    await epoch(context);
    if (progress.step < batches[progress.epoch]!) break; // interrupted
    progress.epoch++;
    progress.step = 0;
    const last = progress.epoch === recipe.schedule.epochs;
    if (last || progress.epoch % recipe.evaluation.everyEpochs === 0) evaluation = (await evaluated(context)) ?? evaluation;
    save(context);
    if (signal?.aborted) break;
  }
  return { interrupted: progress.epoch < recipe.schedule.epochs, progress, evaluation };
}

async function epoch(context: Context): Promise<void> {
  const { state, loader, signal } = context;
  const { progress } = state;
  const stepsPerEpoch = context.batches[progress.epoch]!;
  let before = performance.now();
  for await (using batch of loader.epoch(progress.epoch, { from: progress.step })) {
    const report = trainStep(state, batch, context.recipe, stepsPerEpoch);
    const now = performance.now();
    progress.step++;
    progress.globalStep++;
    context.run.record({ step: progress.globalStep, epoch: progress.epoch + 1, ...report });
    context.tell.stepped({
      ...report,
      epoch: progress.epoch + 1,
      epochs: context.recipe.schedule.epochs,
      step: progress.globalStep,
      steps: context.steps,
      images: batch.entries.length,
      durationMs: now - before,
    });
    before = now;
    await new Promise(setImmediate); // lets Ctrl-C, the loader and garbage collection have their turn
    if (signal?.aborted) {
      save(context);
      return;
    }
  }
  progress.step = stepsPerEpoch; // a broken picture may have emptied a batch
}

async function evaluated({ recipe, data, run, state, tell }: Context): Promise<Evaluation | undefined> {
  if (!data.evaluation) return undefined;
  const { detector, ema, progress } = state;
  ema?.swap();
  const evaluation = await evaluate(detector.eval(), data.evaluation, {
    protocol: recipe.evaluation.protocol,
    batchSize: recipe.training.microBatchSize ?? recipe.data.batchSize,
    workers: recipe.data.workers,
    cacheBytes: 0,
    onProgress: tell.evaluating,
  });
  const map = evaluation.map ?? 0; // nothing to find: no evaluation is better than another
  const best = !progress.best || map > progress.best.map;
  if (best) {
    progress.best = { map, epoch: progress.epoch };
    saveModel(run.checkpoint("best"), detector.stateDict(), detector, recipe);
  }
  ema?.swap();
  detector.train();
  const { durationMs: _, ...lasting } = evaluation;
  run.record({ step: progress.globalStep, epoch: progress.epoch, evaluation: lasting });
  tell.evaluated({ epoch: progress.epoch, step: progress.globalStep, evaluation, best });
  return evaluation;
}

function save({ recipe, run, state, tell }: Context): void {
  const path = run.checkpoint("last");
  state.progress.recordedBytes = run.recorded();
  saveCheckpoint(path, state, recipe);
  tell.saved({ path, epoch: state.progress.epoch, step: state.progress.globalStep });
}

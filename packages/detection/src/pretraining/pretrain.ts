import type { Device } from "@singleshot/torch";
import type { Dataset } from "@singleshot/vision";
import { type Classifier, classifiers } from "../backbones/index.js";
import type { Team } from "../distributed/index.js";
import type { Batch, Loader } from "../loader/index.js";
import type { PretrainingRecipe } from "../recipes/index.js";
import {
  asTeam,
  broadcast,
  type Evaluated,
  heard,
  LOOP_EVENTS,
  loaderOf,
  openRun,
  type RunDirectory,
  type RunOptions,
  repeatable,
  requireSteps,
  restoreOr,
  runLoop,
  scheduleWarnings,
  seedRandom,
  seedStep,
  type TrainingEnd,
  type TrainingLoop,
  type TrainingState,
  trainingState,
} from "../training/index.js";
import { requireOneClassEach, targetsOf } from "./classes.js";
import { type ClassificationResult, evaluateClassifier } from "./evaluate.js";
import { passesOf } from "./length.js";
import type { ClassificationValues, PretrainingObserver } from "./observer.js";
import { withPrecision } from "./precision.js";
import { type Probes, probesOf } from "./probes.js";
import { startingWeights } from "./starting-weights.js";
import { pretrainStep } from "./step.js";

export interface PretrainOptions extends RunOptions<PretrainingRecipe> {
  observers?: readonly PretrainingObserver[];
}

export type PretrainResult = TrainingEnd<ClassificationResult>;

/**
 * Trains the classifier of a recipe on pictures of one class each, for a detector to start from. One optimizer serves from the first step
 * to the last. The promises are those of `train`: a run that was killed and resumed ends with the same tensors as one that was not.
 *
 * @throws InputError on wrong input, a loss or gradient that is not finite, a run directory that is taken
 */
export async function pretrain(options: PretrainOptions): Promise<PretrainResult> {
  const { train, evaluation } = options.data;
  for (const dataset of [train, ...(evaluation ? [evaluation] : [])]) requireOneClassEach(dataset);
  const told = (message: string) => options.observers?.forEach((one) => void one.warned?.(message));
  return asTeam(options, () => withPrecision(options.recipe, options.device ?? "cpu", told), pretrainIn);
}

async function pretrainIn(options: PretrainOptions, team: Team): Promise<PretrainResult> {
  const { data, recipe, out, device = "cpu" } = options;
  const tell: Required<PretrainingObserver> = broadcast(heard(options.observers, team), ["started", "probed", ...LOOP_EVENTS]);
  const run = openRun(options, team);
  const about = { classes: data.train.classes, recipe };
  const state = await trainingState(freshClassifier(recipe, data.train.classes.length, device), recipe, team);
  if (recipe.training.syncBatchNorm) team.synchronizeBatchNorm(state.model);
  const loading = { data: recipe.data, input: inputOf(recipe), seed: recipe.training.seed, share: team };
  const loader = loaderOf(loading, data.train, tell.warned);
  const probes = probesOf(state.model, recipe, team.isFirst ? data.evaluation : undefined);
  const counts = countsOf(recipe, loader);
  const parts: Parts = { ...options, run, about, state, loader, probes, counts, tell };
  try {
    requireSteps(counts, recipe.data, data.train, team);
    if (team.isFirst) for (const warning of scheduleWarnings(scheduleOf(parts), counts)) tell.warned(warning);
    const { weights } = recipe.training;
    await restoreOr(parts, options, () => weights !== undefined && startingWeights(state.model, weights, tell.warned));
    const [steps, epochs] = [counts.reduce((sum, count) => sum + count, 0), counts.length];
    tell.started({ recipe, classes: data.train.classes, root: out, steps, epochs, done: state.progress.globalStep });
    const end = await runLoop(loopOf(parts));
    if (!end.interrupted) await probe(parts);
    tell.ended({ step: end.progress.globalStep, interrupted: end.interrupted });
    return end;
  } finally {
    await Promise.all([loader.close(), probes.close()]);
    state.model.dispose();
  }
}

interface Parts extends PretrainOptions {
  run: RunDirectory;
  about: { classes: readonly string[]; recipe: object };
  state: TrainingState<Classifier>;
  loader: Loader;
  probes: Probes;
  /** How many batches each pass over the data has. */
  counts: readonly number[];
  tell: Required<PretrainingObserver>;
}

const inputOf = ({ classifier: { side } }: PretrainingRecipe) => ({ resize: "stretch", width: side, height: side }) as const;

function freshClassifier({ classifier: { network }, training }: PretrainingRecipe, classes: number, device: Device): Classifier {
  seedRandom(device, training.seed);
  return classifiers.get(network.name)!({ classes, ...network })
    .to({ device, format: "channelsLast" })
    .train();
}

function countsOf({ steps, schedule, data }: PretrainingRecipe, loader: Loader): number[] {
  if (steps === undefined) return loader.batchCounts(schedule.epochs);
  return passesOf(steps, (passes) => loader.batchCounts(passes), data.batchSize);
}

/** For as many passes as there will be. */
const scheduleOf = ({ recipe, counts }: Parts) => ({ ...recipe.schedule, epochs: counts.length });

function loopOf(parts: Parts): TrainingLoop<Batch, ClassificationValues, ClassificationResult> {
  const { recipe, data, run, about, state, counts, tell, signal } = parts;
  return {
    ...{ run, about, state, counts, tell, signal },
    recipe: { ...recipe, schedule: scheduleOf(parts) },
    epoch: (epoch, { from }) => batchesOf(parts, epoch, from),
    step: (batch, pictures) => guardedStep(parts, batch, pictures),
    ...(data.evaluation && { evaluate: () => evaluated(parts, data.evaluation!) }),
  };
}

/** The batches of a pass, as many of them as it has. */
async function* batchesOf({ loader, counts }: Parts, epoch: number, from: number): AsyncGenerator<Batch> {
  const last = counts[epoch]! - 1;
  for await (const batch of loader.epoch(epoch, { from })) {
    if (batch.index > last) return batch[Symbol.dispose]();
    yield batch;
    if (batch.index === last) return;
  }
}

/** Before the next step rather than behind the last: a checkpoint between the two then leaves it to the resumed run. */
async function probe({ probes, state, run, tell }: Parts): Promise<void> {
  const { globalStep: step } = state.progress;
  const accuracy = await probes.after(step);
  if (accuracy === undefined) return;
  run.record({ step, probe: accuracy });
  tell.probed({ step, accuracy });
}

async function guardedStep(parts: Parts, batch: Batch, pictures: readonly number[]): Promise<ClassificationValues> {
  const { state, recipe, run, about } = parts;
  await probe(parts);
  seedStep(state, recipe.training.seed);
  using targets = targetsOf(batch.entries, "cpu");
  const looksAt = { entries: batch.entries, batch: { images: batch.images, targets } };
  const step = { run, recipe, classes: about.classes, command: "pretrain", ...looksAt } as const;
  return await repeatable(state, step, () => pretrainStep(state, batch, recipe, pictures));
}

async function evaluated({ recipe, state, tell, signal }: Parts, dataset: Dataset): Promise<Evaluated<ClassificationResult>> {
  const result = await evaluateClassifier(state.model, dataset, recipe, {
    team: state.team,
    onProgress: tell.evaluating,
    ...(signal && { signal }),
  });
  const { durationMs: _, ...lasting } = result;
  return { result, score: result.top1, loss: result.loss, record: { evaluation: lasting } };
}

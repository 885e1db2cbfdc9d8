import { InputError } from "@singleshot/vision";
import { inStep, isStopped } from "../distributed/index.js";
import type { OptimizerOptions, Recipe, ScheduleOptions, TrainingOptions } from "../recipes/index.js";
import { isEvaluated } from "./evaluated-epochs.js";
import { firstNotFinite } from "./not-finite.js";
import type { LoopObserver, StepValues } from "./observers/index.js";
import { type About, type Progress, type RunDirectory, saveCheckpoint, saveModel, type TrainingState } from "./run/index.js";
import { learningRateFactor } from "./schedule.js";

/** One step's data: `index` tells which of its epoch's batches it is. */
export interface LoopBatch extends Disposable {
  index: number;
  entries: readonly unknown[];
}

/** What an evaluation came to. The larger a score and the smaller a loss, the better. */
export interface Evaluated<Result> {
  result: Result;
  score?: number;
  loss?: number;
  /** Goes into metrics.jsonl. */
  record: object;
}

type SavingOptions = Pick<TrainingOptions, "saveEvery" | "keepEveryEpochs" | "earlyStopping">;

/** A training under way: the parts in which detectors and classifiers differ, as functions. */
export interface TrainingLoop<Batch extends LoopBatch, Values extends StepValues, Result> {
  recipe: {
    schedule: ScheduleOptions;
    optimizer: OptimizerOptions;
    training: SavingOptions;
    evaluation: Pick<Recipe["evaluation"], "everyEpochs" | "firstEpoch">;
  };
  state: TrainingState;
  run: RunDirectory;
  about: About;
  /** How many batches each epoch has. */
  counts: readonly number[];
  epoch(epoch: number, options: { from: number }): AsyncIterable<Batch>;
  /** One optimizer step, at the learning rate that the optimizer has been given; `pictures` of the batch are each process's. */
  step(batch: Batch, pictures: readonly number[]): Promise<Values>;
  /** Absent: there is nothing to evaluate on. The model is in evaluation mode, its weights are those to be used. */
  evaluate?(signal: AbortSignal | undefined): Promise<Evaluated<Result>>;
  tell: Required<LoopObserver<Values, Result>>;
  /** When it is aborted the run saves and ends after the step in hand. */
  signal: AbortSignal | undefined;
}

export interface TrainingEnd<Result> {
  interrupted: boolean;
  /** No evaluation has been better for as long as early stopping allows. */
  stoppedEarly: boolean;
  progress: Progress;
  /** What the last evaluation has measured. */
  last: Result | undefined;
}

/** Trains from where the state stands to the end of the last epoch; saves as it goes. */
export async function runLoop<B extends LoopBatch, V extends StepValues, R>(loop: TrainingLoop<B, V, R>): Promise<TrainingEnd<R>> {
  const { recipe, state, counts, signal, tell } = loop;
  const { progress } = state;
  const { epochs } = recipe.schedule;
  const end: TrainingEnd<R> = { interrupted: true, stoppedEarly: false, progress, last: undefined };
  while (progress.epoch < epochs) {
    if (progress.step < counts[progress.epoch]!) await steps(loop);
    if (progress.step < counts[progress.epoch]!) return end;
    const due = isEvaluated(progress.epoch + 1, { ...recipe.evaluation, epochs });
    if (due && loop.evaluate) {
      await save(loop); // whatever becomes of the evaluation
      const result = await evaluated(loop);
      if (result === undefined) return end;
      end.last = result;
    }
    progress.epoch++;
    progress.step = 0;
    keepWeights(loop);
    tell.epochEnded({ epoch: progress.epoch, step: progress.globalStep });
    await save(loop);
    if (due && isStalled(recipe.training, progress)) return { ...end, interrupted: false, stoppedEarly: progress.epoch < epochs };
    if ((await isStopped(state.team, signal)) && progress.epoch < epochs) return end;
  }
  return { ...end, interrupted: false };
}

/** The rest of an epoch's steps, or as many as there is time for. */
async function steps<B extends LoopBatch, V extends StepValues, R>(loop: TrainingLoop<B, V, R>): Promise<void> {
  const { state, run, tell, counts } = loop;
  const { progress } = state;
  const stepsPerEpoch = counts[progress.epoch]!;
  const clock = saveClock(loop.recipe.training);
  let isDue = false;
  const totalSteps = counts.reduce((sum, count) => sum + count, 0);
  let before = performance.now();
  let stopped = false;
  const onStop = () => {
    stopped = true;
  };
  const batches = loop.epoch(progress.epoch, { from: progress.step });
  for await (using shared of inStep(state.team, batches, { signal: loop.signal, onStop, isDue: () => isDue })) {
    const waitedMs = performance.now() - before;
    const { batch, pictures } = shared;
    if (shared.isDue) await save(loop);
    const place = begun(loop, totalSteps);
    const values = await loop.step(batch, pictures);
    progress.step = batch.index + 1;
    progress.globalStep++;
    const now = performance.now();
    run.record({ step: progress.globalStep, epoch: place.epoch, learningRate: place.learningRate, ...values });
    const images = pictures.reduce((sum, count) => sum + count, 0);
    const stepInEpoch = progress.step;
    tell.stepped({
      ...place,
      step: progress.globalStep,
      stepInEpoch,
      stepsPerEpoch,
      images,
      durationMs: now - before,
      waitedMs,
      ...values,
    });
    before = now;
    await new Promise(setImmediate); // lets Ctrl-C, the loader and garbage collection have their turn
    isDue = clock(progress);
  }
  if (stopped) await save(loop);
  else progress.step = stepsPerEpoch; // broken pictures may have emptied the last batch
}

/** Gives the optimizer the learning rate of the step to do. */
function begun<B extends LoopBatch, V extends StepValues, R>({ recipe, state, counts }: TrainingLoop<B, V, R>, totalSteps: number) {
  const { epoch, step, globalStep } = state.progress;
  const factor = learningRateFactor(recipe.schedule, { epoch, step, stepsPerEpoch: counts[epoch]!, globalStep, totalSteps });
  const learningRate = recipe.optimizer.learningRate * factor;
  state.optimizer.learningRate = learningRate;
  state.progress.learningRate = learningRate;
  const rates = state.optimizer.groups.map(({ name = "all", learningRateScale }) => [name, learningRate * learningRateScale]);
  return { epoch: epoch + 1, epochs: recipe.schedule.epochs, steps: totalSteps, learningRate, learningRates: Object.fromEntries(rates) };
}

/** Tells when it is time to save in the middle of an epoch. */
function saveClock({ saveEvery }: SavingOptions): (progress: Progress) => boolean {
  let saved = performance.now();
  return ({ globalStep }) => {
    const late = saveEvery?.minutes !== undefined && performance.now() - saved >= 60_000 * saveEvery.minutes;
    const due = late || (saveEvery?.steps !== undefined && globalStep % saveEvery.steps === 0);
    if (due) saved = performance.now();
    return due;
  };
}

/** Undefined where it was interrupted: it is made again when the run goes on. */
async function evaluated<B extends LoopBatch, V extends StepValues, R>(loop: TrainingLoop<B, V, R>): Promise<R | undefined> {
  const { state, run, tell, signal } = loop;
  const { model, ema, progress } = state;
  ema?.swap();
  model.eval();
  try {
    await state.team.broadcastBuffers(model);
    const { result, record, ...values } = await loop.evaluate!(signal);
    const better = keepBest(loop, values);
    const epoch = progress.epoch + 1;
    run.record({ step: progress.globalStep, epoch, ...record });
    await tell.evaluated({ ...result, epoch, step: progress.globalStep, ...better });
    return result;
  } catch (error) {
    if (signal?.aborted || (error as Error).name === "AbortError") return undefined; // here or in another process
    throw error;
  } finally {
    ema?.swap();
    model.train();
  }
}

/** best.pth by score, or by loss where there is no score; else best-loss.pth. */
function keepBest<B extends LoopBatch, V extends StepValues, R>(
  { state: { model, progress, team }, run, about }: TrainingLoop<B, V, R>,
  { score, loss }: { score?: number; loss?: number },
): { best: boolean; bestLoss: boolean } {
  const epoch = progress.epoch + 1;
  const best = score !== undefined && (!progress.best || score > progress.best.value);
  const bestLoss = loss !== undefined && (!progress.bestLoss || loss < progress.bestLoss.value);
  if (best) {
    progress.best = { value: score, epoch };
    if (team.isFirst) saveModel(run.checkpoint("best"), model.stateDict(), about);
  }
  if (bestLoss) {
    progress.bestLoss = { value: loss, epoch };
    if (team.isFirst) saveModel(run.checkpoint(score === undefined ? "best" : "best-loss"), model.stateDict(), about);
  }
  return { best, bestLoss };
}

function isStalled({ earlyStopping }: SavingOptions, { epoch, best, bestLoss }: Progress): boolean {
  if (!earlyStopping) return false;
  const since = earlyStopping.metric === "loss" ? bestLoss : best;
  return since !== null && epoch - since.epoch >= earlyStopping.patience;
}

/** The weights of every so many epochs, for whoever wants to look back. */
function keepWeights<B extends LoopBatch, V extends StepValues, R>({ recipe, state, run, about }: TrainingLoop<B, V, R>): void {
  const { keepEveryEpochs } = recipe.training;
  const { epoch } = state.progress;
  if (!state.team.isFirst || keepEveryEpochs === undefined || epoch % keepEveryEpochs !== 0) return;
  saveModel(run.checkpoint(`epoch-${epoch}`), (state.ema ?? state.model).stateDict(), about);
}

/** All ranks go on with what is saved: the running statistics of rank 0 too, which are each one's own until then. */
async function save<B extends LoopBatch, V extends StepValues, R>({ run, state, about, tell }: TrainingLoop<B, V, R>): Promise<void> {
  await state.team.broadcastBuffers(state.model);
  if (!state.team.isFirst) return;
  requireFinite(state);
  const path = run.checkpoint("last");
  state.progress.recordedBytes = run.recorded();
  saveCheckpoint(path, state, about);
  tell.saved({ path, epoch: state.progress.epoch, step: state.progress.globalStep });
}

/** A checkpoint that could only be thrown away does not replace a good one. */
function requireFinite({ model, optimizer, ema, progress }: TrainingState): void {
  const name = firstNotFinite([...model.stateDict(), ...averages(ema), ...optimizer.tensors()]);
  if (name === undefined) return;
  throw new InputError(`after step ${progress.globalStep} ${name} is not finite`, {
    fix: "lower the learning rate; the last checkpoint is as it was",
  });
}

const averages = (ema: TrainingState["ema"]) =>
  [...(ema?.stateDict() ?? [])].map(([key, value]) => [`the moving average of ${key}`, value] as const);

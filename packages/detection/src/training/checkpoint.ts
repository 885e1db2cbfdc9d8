import { defaultGenerator, type optim, serialize, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { disposeAll, type Entries, loadWeights, readEntries } from "../checkpoints/index.js";
import type { Detector } from "../detectors/index.js";
import type { Recipe } from "../recipes/index.js";

/** Where a run stands: the next step to do, and the best evaluation so far. */
export interface Progress {
  epoch: number;
  step: number;
  globalStep: number;
  best: { map: number; epoch: number } | null;
  /** Length of metrics.jsonl when the checkpoint was written. */
  recordedBytes: number;
}

/** All that training changes. */
export interface TrainingState {
  detector: Detector;
  optimizer: optim.Optimizer;
  ema: optim.ExponentialMovingAverage | undefined;
  progress: Progress;
}

const record = (values: object): Entries => new Map(Object.entries(values));

/** Writes everything that a resumed run needs; `model` and `optimizer` have PyTorch's own form. */
export function saveCheckpoint(path: string, { detector, optimizer, ema, progress }: TrainingState, recipe: Recipe): void {
  using generator = defaultGenerator.state;
  serialize.save(
    path,
    record({
      model: detector.stateDict(),
      ...(ema && { ema: ema.stateDict(), ema_updates: ema.updates }),
      optimizer: optimizer.stateDict(),
      progress: record({ ...progress, best: progress.best && record(progress.best) }),
      generator,
      classes: [...detector.classes],
      recipe: JSON.stringify(recipe),
    }),
  );
}

/** Writes the weights alone, with what is needed to use them. */
export function saveModel(path: string, weights: ReadonlyMap<string, Tensor>, detector: Detector, recipe: Recipe): void {
  serialize.save(path, record({ model: weights, classes: [...detector.classes], recipe: JSON.stringify(recipe) }));
}

/** Puts a checkpoint back into a training state made of the same recipe. */
export function restoreCheckpoint(path: string, state: TrainingState): Progress {
  const saved = readEntries(path);
  const part = <T>(key: string): T => {
    if (!saved.has(key))
      throw new InputError(`the checkpoint has no '${key}'`, { file: path, fix: "resume from a checkpoint that `train` wrote" });
    return saved.get(key) as T;
  };
  loadWeights(state.detector, part("model"), path);
  state.optimizer.loadStateDict(part("optimizer"));
  state.ema?.loadStateDict(part("ema"), part("ema_updates"));
  defaultGenerator.state = part("generator");
  const progress = part<Entries>("progress");
  const best = progress.get("best") as Entries | null;
  disposeAll(saved);
  return { ...Object.fromEntries(progress), best: best && Object.fromEntries(best) } as unknown as Progress;
}

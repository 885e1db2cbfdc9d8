import { type optim, serialize, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { disposeAll, type Entries, loadWeights, readEntries } from "../../checkpoints/index.js";
import { randomState, restoreRandomState } from "../random-state.js";
import type { Best, Progress, TrainingState } from "./state.js";

/** What a file of weights carries so that they can be used. */
export interface About {
  classes: readonly string[];
  /** Plain data. */
  recipe: object;
}

const record = (values: object): Entries => new Map(Object.entries(values));
const described = ({ classes, recipe }: About) => ({ classes: [...classes], recipe: JSON.stringify(recipe) });

/** Writes everything that a resumed run needs; `model`, `optimizer` and `scaler` have PyTorch's own form. */
export function saveCheckpoint(path: string, { model, optimizer, ema, scaler, progress }: TrainingState, about: About): void {
  const random = randomState(model.device);
  const { best, bestLoss } = progress;
  serialize.save(
    path,
    record({
      model: model.stateDict(),
      ...(ema && { ema: ema.stateDict(), ema_updates: ema.updates }),
      optimizer: optimizer.stateDict(),
      ...(scaler && { scaler: scaler.stateDict() }),
      progress: record({ ...progress, best: best && record(best), bestLoss: bestLoss && record(bestLoss) }),
      ...Object.fromEntries(random),
      ...described(about),
    }),
  );
  disposeAll(random);
}

/** Writes the weights alone, with what is needed to use them. */
export function saveModel(path: string, weights: ReadonlyMap<string, Tensor>, about: About): void {
  serialize.save(path, record({ model: weights, ...described(about) }));
}

/** Puts a checkpoint back into a training state made of the same recipe. @throws InputError where it does not fit */
export function restoreCheckpoint(path: string, state: TrainingState): Progress {
  const saved = readEntries(path);
  try {
    return restoreEntries(path, state, saved);
  } finally {
    disposeAll(saved);
  }
}

/** The same of what was read already. */
export function restoreEntries(path: string, state: TrainingState, saved: Entries): Progress {
  const part = <T>(key: string): T => {
    if (!saved.has(key))
      throw new InputError(`the checkpoint has no '${key}'`, { file: path, fix: "resume from a checkpoint that `train` wrote" });
    return saved.get(key) as T;
  };
  loadWeights(state.model, part("model"), path);
  loadOptimizer(state.optimizer, part("optimizer"), path);
  state.ema?.loadStateDict(part("ema"), part("ema_updates"));
  state.scaler?.loadStateDict(part("scaler"));
  part("generator"); // every checkpoint has it
  restoreRandomState(saved, state.model.device);
  const progress = part<Entries>("progress");
  const best = (name: string) => (progress.get(name) ? (Object.fromEntries(progress.get(name) as Entries) as unknown as Best) : null);
  const restored = { ...Object.fromEntries(progress), best: best("best"), bestLoss: best("bestLoss") } as unknown as Progress;
  if (restored.globalStep > 0) state.optimizer.learningRate = restored.learningRate; // it is saved again where no step is left
  return restored;
}

/** @throws InputError where the state is of an optimizer over other parameters, or other groups of them */
export function loadOptimizer(optimizer: optim.Optimizer, saved: optim.OptimizerState, path: string): void {
  try {
    optimizer.loadStateDict(saved);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(error.message, {
      file: path,
      fix: "the recipe's optimizer, freezing and weight decays must be those of the file",
    });
  }
}

import type { optim } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { disposeAll, type Entries, loadWeights, readEntries, stateDictOf } from "../../checkpoints/index.js";
import { restoreCheckpoint } from "./checkpoint.js";
import { beginning, type Progress, type TrainingState } from "./state.js";

/**
 * Goes on from a checkpoint in a new run: one of ours, of torchvision's reference trainer (weights, optimizer, gradient scaler, epoch) or
 * of sparrow (weights, epoch, lowest validation loss). Where a file has no random streams they begin anew.
 *
 * @param counts how many batches each epoch has
 * @throws InputError where the file is none of these, or does not fit
 */
export function goOnFrom(path: string, state: TrainingState, counts: readonly number[]): Progress {
  const saved = readEntries(path);
  try {
    const layout = layouts.find(({ has }) => has.every((key) => saved.has(key)));
    if (!layout)
      throw new InputError("the file does not say where its training stood", {
        file: path,
        fix: "for its weights alone: --weights instead of --resume",
      });
    return layout.restore(path, state, saved, counts);
  } finally {
    disposeAll(saved);
  }
}

interface Layout {
  /** The keys it is known by. */
  has: readonly string[];
  restore(path: string, state: TrainingState, saved: Entries, counts: readonly number[]): Progress;
}

const layouts: readonly Layout[] = [
  {
    has: ["model", "optimizer", "progress", "generator"],
    restore: (path, state) => ({ ...restoreCheckpoint(path, state), recordedBytes: 0 }),
  },
  {
    has: ["model", "optimizer", "lr_scheduler", "epoch"], // torchvision
    restore(path, state, saved, counts) {
      loadWeights(state.model, stateDictOf(saved), path);
      loadOptimizer(state.optimizer, saved.get("optimizer") as optim.OptimizerState, path);
      const scaler = saved.get("scaler");
      if (scaler instanceof Map && scaler.size > 0) state.scaler?.loadStateDict(scaler);
      return behind((saved.get("epoch") as number) + 1, counts);
    },
  },
  {
    has: ["model_state", "epoch", "best_score"], // sparrow
    restore(path, state, saved, counts) {
      loadWeights(state.model, stateDictOf(saved), path);
      const epoch = saved.get("epoch") as number;
      return { ...behind(epoch, counts), bestLoss: { value: saved.get("best_score") as number, epoch } };
    },
  },
];

function loadOptimizer(optimizer: optim.Optimizer, saved: optim.OptimizerState, path: string): void {
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

/** After so many epochs. */
const behind = (epoch: number, counts: readonly number[]): Progress => ({
  ...beginning(),
  epoch,
  globalStep: counts.slice(0, epoch).reduce((sum, count) => sum + count, 0),
});

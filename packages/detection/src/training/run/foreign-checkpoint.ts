import type { optim } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { disposeAll, type Entries, loadWeights, readEntries, stateDictOf } from "../../checkpoints/index.js";
import { type Detector, weightsFor } from "../../detectors/index.js";
import { loadOptimizer, restoreEntries } from "./checkpoint.js";
import { beginning, type Progress, type TrainingState } from "./state.js";

/**
 * Goes on from a checkpoint in a new run: one of ours, of torchvision's reference trainer (weights, optimizer, gradient scaler, epoch) or
 * of sparrow (weights, epoch, lowest validation loss). Where a file has no random streams they begin anew.
 *
 * @param counts how many batches each epoch has
 * @throws InputError where the file is none of these, or does not fit
 */
export function goOnFrom(path: string, state: TrainingState<Detector>, counts: readonly number[]): Progress {
  const saved = readEntries(path);
  try {
    const layout = layouts.find(({ has }) => has.every((key) => saved.has(key)));
    if (!layout)
      throw new InputError("the file does not say where its training stood", {
        file: path,
        fix: "for its weights alone: --weights instead of --resume",
      });
    requireClasses(saved.get("classes"), state.model, path);
    return layout.restore(path, state, saved, counts);
  } finally {
    disposeAll(saved);
  }
}

/** Where a file names its classes they have to be those of the run, in their order. */
function requireClasses(names: unknown, { classes }: Detector, path: string): void {
  if (!Array.isArray(names) || names.join("\n") === classes.join("\n")) return;
  throw new InputError(`it was trained for ${listed(names)}, and there are ${listed(classes)}`, {
    file: path,
    fix: "for its weights alone, class by class: --weights instead of --resume",
  });
}

const LISTED = 5;
const listed = (names: readonly string[]) =>
  `${names.slice(0, LISTED).join(", ")}${names.length > LISTED ? ` and ${names.length - LISTED} more` : ""}`;

interface Layout {
  /** The keys it is known by. */
  has: readonly string[];
  restore(path: string, state: TrainingState<Detector>, saved: Entries, counts: readonly number[]): Progress;
}

const layouts: readonly Layout[] = [
  {
    has: ["model", "optimizer", "progress", "generator"],
    restore: (path, state, saved) => ({ ...restoreEntries(path, state, saved), recordedBytes: 0 }),
  },
  {
    has: ["model", "optimizer", "lr_scheduler", "epoch"], // torchvision
    restore(path, state, saved, counts) {
      loadWeights(state.model, weightsFor(state.model, stateDictOf(saved), path), path);
      loadOptimizer(state.optimizer, saved.get("optimizer") as optim.OptimizerState, path);
      const scaler = saved.get("scaler");
      if (scaler instanceof Map && scaler.size > 0) state.scaler?.loadStateDict(scaler);
      return behind((saved.get("epoch") as number) + 1, counts);
    },
  },
  {
    has: ["model_state", "epoch", "best_score"], // sparrow
    restore(path, state, saved, counts) {
      loadWeights(state.model, weightsFor(state.model, stateDictOf(saved), path), path);
      const epoch = saved.get("epoch") as number;
      return { ...behind(epoch, counts), bestLoss: { value: saved.get("best_score") as number, epoch } };
    },
  },
];

/** After so many epochs. */
const behind = (epoch: number, counts: readonly number[]): Progress => ({
  ...beginning(),
  epoch,
  globalStep: counts.slice(0, epoch).reduce((sum, count) => sum + count, 0),
});

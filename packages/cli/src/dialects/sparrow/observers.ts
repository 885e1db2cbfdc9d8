import { join } from "node:path";
import { learningRateFactor, type TrainingObserver } from "@singleshot/detection";
import { type Observed, observerOf, pythonFloat, type WatchedRun, type Watcher } from "../program/index.js";
import { writeWeights } from "../weights/index.js";
import type { TrainFlags } from "./train-rows.js";

interface Losses {
  loss: number;
  classification: number;
  regression: number;
}

/** The lines of the notebook's training loop, and `best.pt` whenever the validation loss is lower than before. */
export const observers = (observed: Observed<TrainFlags>): TrainingObserver[] => [observerOf(notebook(observed))];

function notebook({ folder, say }: Observed<TrainFlags>): Watcher {
  const path = join(folder, "best.pt");
  let run: WatchedRun;
  let best = Number.POSITIVE_INFINITY;
  return {
    started(started) {
      run = started;
    },
    trained(means, { stepsPerEpoch, steps, step }) {
      const { recipe } = run;
      const next = { epoch: means.epoch, step: 0, stepsPerEpoch, globalStep: step, totalSteps: steps };
      const rate = recipe.optimizer.learningRate * learningRateFactor(recipe.schedule, next); // as it is behind the epoch
      say(`${title(means.epoch)} train: ${dictionary(means)}  time=${(means.durationMs / 1000).toFixed(1)}s  lr=${exponential(rate)}`);
    },
    evaluated({ epoch, losses, evaluation }) {
      if (!losses) return;
      say(`${title(epoch)} valid: ${dictionary(losses)}${evaluation ? `  mAP=${(evaluation.map ?? 0).toFixed(4)}` : ""}`);
      if (losses.loss >= best) return;
      best = losses.loss;
      const entries: [string, unknown][] = [
        ["model_state", run.model.stateDict()],
        ["epoch", epoch],
        ["best_score", best],
      ];
      writeWeights(path, new Map(entries) as never, run);
      say(`  ✓ saved best to ${path}`);
    },
  };
}

const title = (epoch: number) => `[Epoch ${String(epoch).padStart(3, "0")}]`;

const dictionary = ({ loss, classification, regression }: Losses) =>
  `{'loss': ${pythonFloat(loss)}, 'cls': ${pythonFloat(classification)}, 'reg': ${pythonFloat(regression)}}`;

/** `2.927e-03` */
const exponential = (value: number) => value.toExponential(3).replace(/e([+-])(\d)$/, "e$10$2");

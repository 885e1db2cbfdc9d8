import type { Detector, Evaluation, Recipe, StepReport, TrainingObserver } from "@singleshot/detection";
import type { optim } from "@singleshot/torch";
import type { ImageDetections } from "@singleshot/vision";

/** An epoch, or as much of it as has been trained: means of its steps' losses. */
export interface EpochMeans {
  /** from 1 */
  epoch: number;
  steps: number;
  loss: number;
  classification: number;
  regression: number;
  images: number;
  durationMs: number;
}

export interface WatchedRun {
  recipe: Recipe;
  classes: readonly string[];
  model: Detector;
  optimizer: optim.Optimizer;
  /** of a run in float16 */
  scaler: optim.GradScaler | undefined;
}

export interface WatchedEvaluation {
  /** from 1 */
  epoch: number;
  evaluation?: Evaluation;
  losses?: { loss: number; classification: number; regression: number };
  detections?: readonly ImageDetections[];
}

/** Whoever writes an original's files or lines. What the originals tell by the epoch is collected here, once for all of them. */
export interface Watcher {
  started?(run: WatchedRun): void;
  stepped?(report: StepReport, soFar: EpochMeans): void;
  /** The steps of an epoch are done; its evaluation has not begun. */
  trained?(means: EpochMeans, report: StepReport): void;
  evaluating?(progress: { done: number; total: number }): void;
  evaluated?(evaluation: WatchedEvaluation): void;
  /** An epoch is over, with its evaluation. */
  epochEnded?(epoch: number): void;
  /** Not told where the run fails or is interrupted. */
  ended?(): void;
}

export function observerOf(watcher: Watcher): TrainingObserver {
  let sums = nothing(0);
  let parts: Pick<WatchedRun, "model" | "optimizer" | "scaler">;
  return {
    prepared(prepared) {
      parts = prepared;
    },
    started: ({ recipe, classes }) => watcher.started?.({ recipe, classes, ...parts }),
    stepped(report) {
      if (report.epoch !== sums.epoch) sums = nothing(report.epoch);
      sums = plus(sums, report);
      const means = meansOf(sums);
      watcher.stepped?.(report, means);
      if (report.stepInEpoch === report.stepsPerEpoch) watcher.trained?.(means, report);
    },
    evaluating: (progress) => watcher.evaluating?.(progress),
    evaluated: (result) => watcher.evaluated?.(result),
    epochEnded: ({ epoch }) => watcher.epochEnded?.(epoch),
    ended: ({ interrupted }) => (interrupted ? undefined : watcher.ended?.()),
  };
}

const nothing = (epoch: number): EpochMeans => {
  return { epoch, steps: 0, loss: 0, classification: 0, regression: 0, images: 0, durationMs: 0 };
};

function plus(sums: EpochMeans, report: StepReport): EpochMeans {
  const { epoch, steps } = sums;
  const sum = (key: "loss" | "classification" | "regression" | "images" | "durationMs") => sums[key] + report[key];
  const losses = { loss: sum("loss"), classification: sum("classification"), regression: sum("regression") };
  return { epoch, steps: steps + 1, ...losses, images: sum("images"), durationMs: sum("durationMs") };
}

function meansOf(sums: EpochMeans): EpochMeans {
  const { steps, loss, classification, regression } = sums;
  return { ...sums, loss: loss / steps, classification: classification / steps, regression: regression / steps };
}

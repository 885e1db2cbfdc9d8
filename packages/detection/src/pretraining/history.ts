import { type HistoryArraysOptions, historyArrays, type MetricsLine } from "../training/index.js";
import type { PretrainingObserver } from "./observer.js";

/**
 * The arrays that the tutorial "RetinaNet from scratch" keeps of its pretraining: `log_train_acc.npy`, the accuracy of every so many
 * steps' batch, and `log_eval_acc.npy`, that of one batch of the evaluation split beside it.
 */
export function tutorialArrays({ everySteps, ...options }: HistoryArraysOptions & { everySteps: number }): PretrainingObserver {
  const trained = ({ step, accuracy }: MetricsLine) =>
    typeof accuracy === "number" && (step as number) % everySteps === 0 ? accuracy : undefined;
  const probed = ({ probe }: MetricsLine) => probe as number | undefined;
  return historyArrays({ "log_train_acc.npy": trained, "log_eval_acc.npy": probed }, options);
}

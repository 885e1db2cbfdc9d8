import type { nn, optim } from "@singleshot/torch";
import type { SharedGradients, Team } from "../../distributed/index.js";

/** The best evaluation so far, and the epoch (from 1) that it was of. */
export interface Best {
  value: number;
  epoch: number;
}

/** Where a run stands: the next step to do, and the best evaluations so far. */
export interface Progress {
  epoch: number;
  step: number;
  globalStep: number;
  /** Of the last step. */
  learningRate: number;
  /** by the score that the run measures: mAP, accuracy */
  best: Best | null;
  bestLoss: Best | null;
  /** Length of metrics.jsonl when the checkpoint was written. */
  recordedBytes: number;
}

/** All that training changes. */
export interface TrainingState<Model extends nn.Module = nn.Module> {
  model: Model;
  optimizer: optim.Optimizer;
  ema: optim.ExponentialMovingAverage | undefined;
  scaler: optim.GradScaler | undefined;
  progress: Progress;
  /** The processes that train this model together. */
  team: Team;
  gradients: SharedGradients;
}

/** The place of a run that has not begun. */
export const beginning = (): Progress => ({
  epoch: 0,
  step: 0,
  globalStep: 0,
  learningRate: 0,
  best: null,
  bestLoss: null,
  recordedBytes: 0,
});

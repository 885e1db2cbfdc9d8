import type { Evaluation } from "../evaluation/index.js";
import type { Recipe } from "../recipes/index.js";

/** What a step was like. Losses are those of this batch. */
export interface StepReport {
  epoch: number;
  epochs: number;
  /** Counted over the whole run, from 1. */
  step: number;
  steps: number;
  loss: number;
  classification: number;
  regression: number;
  learningRate: number;
  /** Pictures in the batch. */
  images: number;
  /** Time since the step before, data included. */
  durationMs: number;
}

/** Whoever wants to see or write something while a run goes on: the terminal, TensorBoard, a dialect's files. */
export interface TrainingObserver {
  started?(run: { recipe: Recipe; classes: readonly string[]; root: string; steps: number; done: number }): void;
  stepped?(report: StepReport): void;
  evaluating?(progress: { done: number; total: number }): void;
  evaluated?(result: { epoch: number; step: number; evaluation: Evaluation; best: boolean }): void;
  saved?(file: { path: string; epoch: number; step: number }): void;
  warned?(message: string): void;
}

/** One observer that tells all. */
export function broadcast(observers: readonly TrainingObserver[]): Required<TrainingObserver> {
  const to =
    <Event extends keyof TrainingObserver>(event: Event) =>
    (value: never) => {
      for (const observer of observers) (observer[event] as ((value: never) => void) | undefined)?.(value);
    };
  return {
    started: to("started"),
    stepped: to("stepped"),
    evaluating: to("evaluating"),
    evaluated: to("evaluated"),
    saved: to("saved"),
    warned: to("warned"),
  };
}

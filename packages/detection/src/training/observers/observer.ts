import type { optim } from "@singleshot/torch";
import type { Dataset, ImageDetections } from "@singleshot/vision";
import type { Detector } from "../../detectors/index.js";
import type { Evaluation, MeanLosses } from "../../evaluation/index.js";
import type { Recipe } from "../../recipes/index.js";

/** Where a step stands, and what it took. */
export interface StepPlace {
  epoch: number;
  epochs: number;
  /** Counted over the whole run, from 1. */
  step: number;
  steps: number;
  /** Of this epoch: from 1, and how many it has. */
  stepInEpoch: number;
  stepsPerEpoch: number;
  learningRate: number;
  /** Of each group of parameters that has one of its own. */
  learningRates: Readonly<Record<string, number>>;
  /** Pictures in the batch. */
  images: number;
  /** Time since the step before, data included. */
  durationMs: number;
  /** How much of it was waiting for data. */
  waitedMs: number;
}

/** What a step gave: losses of its batch, and the norm of the gradients. */
export interface StepValues {
  loss: number;
  gradientNorm: number;
}

export interface DetectionValues extends StepValues {
  classification: number;
  regression: number;
}

/** What a step was like. */
export type StepReport<Values extends StepValues = DetectionValues> = StepPlace & Values;

/** Whoever wants to see or write something while a training goes on. */
export interface LoopObserver<Values extends StepValues, Result> {
  stepped?(report: StepReport<Values>): void;
  evaluating?(progress: { done: number; total: number }): void;
  /** `best` and `bestLoss`: better than all evaluations before. The run waits for what is promised. */
  evaluated?(result: Result & { epoch: number; step: number; best: boolean; bestLoss: boolean }): void | Promise<void>;
  /** Its evaluation, where there was one, has been told. */
  epochEnded?(end: { epoch: number; step: number }): void;
  saved?(file: { path: string; epoch: number; step: number }): void;
  warned?(message: string): void;
  /** Not told where the run fails. */
  ended?(end: { step: number; interrupted: boolean }): void;
}

/** What an evaluation during training has measured. */
export interface Measured {
  evaluation?: Evaluation;
  losses?: MeanLosses;
  /** What was found in each picture, in their order. */
  detections?: readonly ImageDetections[];
  durationMs: number;
}

/** A run that begins, or goes on. */
export interface StartedRun {
  recipe: Recipe;
  classes: readonly string[];
  root: string;
  steps: number;
  done: number;
  /** What it is evaluated on. */
  evaluation?: Dataset;
}

/** Whoever wants to see or write something while a detector is trained: the terminal, TensorBoard, a dialect's files. */
export interface TrainingObserver extends LoopObserver<DetectionValues, Measured> {
  /** What is trained, for whoever writes its weights in another form. In `evaluated` the model has the weights that were evaluated. */
  prepared?(parts: { model: Detector; optimizer: optim.Optimizer; scaler: optim.GradScaler | undefined }): void;
  started?(run: StartedRun): void;
}

/** Observers as a process of a team hears them: rank 0 tells everything, the others what is wrong with their own pictures. */
export function heard<Observer extends { warned?(message: string): void }>(
  observers: readonly Observer[] = [],
  { isFirst }: { isFirst: boolean },
): readonly Observer[] {
  return isFirst ? observers : observers.map(({ warned }) => (warned ? { warned } : {}) as Observer);
}

/** One observer that tells all. */
export function broadcast<Observer extends object>(
  observers: readonly Observer[],
  events: readonly (keyof Observer)[],
): Required<Observer> {
  const to = (event: keyof Observer) => (value: never) => {
    const answers = observers.map((observer) => (observer[event] as ((value: never) => unknown) | undefined)?.(value));
    return answers.some((answer) => answer instanceof Promise) ? Promise.all(answers) : undefined;
  };
  return Object.fromEntries(events.map((event) => [event, to(event)])) as unknown as Required<Observer>;
}

/** What every observer may be told of. */
export const LOOP_EVENTS = ["stepped", "evaluating", "evaluated", "epochEnded", "saved", "warned", "ended"] as const;

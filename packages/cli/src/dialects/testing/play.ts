import type { Evaluation, TrainingObserver } from "@singleshot/detection";
import { type RecipeInput, resolveRecipe } from "@singleshot/detection/recipes";
import { ops } from "@singleshot/torch";
import type { Dataset } from "@singleshot/vision";

const CLASSES = ["cat", "dog"];

/** Two pictures: a cat and two dogs, and a cat. */
export const pets = {
  name: "pets",
  classes: CLASSES,
  entries: [{ labels: [1, 2, 2] }, { labels: [1] }],
} as unknown as Dataset;

const evaluation = {
  protocol: "voc",
  map: 0.375,
  images: 2,
  durationMs: 500,
  coco: [0.25, 0.5, 0.125, null, 0.2, 0.3, 0.1, 0.2, 0.3, null, 0.4, 0.5],
  classes: [
    { name: "cat", ap: 0.75, groundTruth: 2, detections: 3 },
    { name: "dog", ap: null, groundTruth: 0, detections: 1 },
  ],
} as unknown as Evaluation;

const detections = [{ image: "a", boxes: Float32Array.of(1, 2, 3, 4), labels: Int32Array.of(2), scores: Float32Array.of(0.5) }];

/**
 * A run of two epochs of three steps, told to observers without being trained: losses fall by one a step from 9, a second a step, four
 * pictures each; evaluated behind the epochs given, with a validation loss of 2.5 and then 1.25.
 */
export async function play(observers: readonly TrainingObserver[], recipe: RecipeInput, { evaluate = [1, 2] } = {}): Promise<void> {
  const weight = ops.zeros([2]);
  const model = { stateDict: () => new Map([["weight", weight]]) };
  const optimizer = {
    stateDict: () =>
      new Map<string, unknown>([
        ["state", new Map()],
        ["param_groups", [new Map()]],
      ]),
  };
  const resolved = resolveRecipe(recipe);
  const steps = 6;
  for (const observer of observers) {
    observer.prepared?.({ model, optimizer } as never);
    observer.started?.({ recipe: resolved, classes: CLASSES, root: "", steps, done: 0 });
  }
  for (let step = 1; step <= steps; step++) {
    const epoch = Math.ceil(step / 3);
    const place = { epoch, epochs: 2, step, steps, stepInEpoch: step - 3 * (epoch - 1), stepsPerEpoch: 3 };
    const learningRate = epoch === 1 ? 0.5 : 0.05;
    const losses = { loss: 10 - step, classification: 6 - step / 2, regression: 4 - step / 2, gradientNorm: 1 };
    const report = { ...place, learningRate, learningRates: {}, images: 4, durationMs: 1000, waitedMs: 250, ...losses };
    for (const observer of observers) observer.stepped?.(report);
    if (place.stepInEpoch < 3) continue;
    const validation = 2.5 / epoch;
    const measured = {
      evaluation,
      detections,
      losses: { loss: validation, classification: validation / 2, regression: validation / 2 },
      durationMs: 1,
    };
    if (evaluate.includes(epoch))
      for (const observer of observers) await observer.evaluated?.({ ...measured, epoch, step, best: true, bestLoss: true });
    for (const observer of observers) observer.epochEnded?.({ epoch, step });
  }
  for (const observer of observers) observer.ended?.({ step: steps, interrupted: false });
  weight.dispose();
}

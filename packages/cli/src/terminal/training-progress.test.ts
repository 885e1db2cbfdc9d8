import type { Evaluation } from "@singleshot/detection";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { expect, test } from "vitest";
import { screen } from "../testing/screen.js";
import { openTerminal } from "./terminal.js";
import { trainingProgress } from "./training-progress.js";

const shipped = resolveRecipe(recipes.get("ssdlite320"));
const recipe = { ...shipped, schedule: { ...shipped.schedule, epochs: 3 } };
const evaluation: Evaluation = { protocol: "coco", map: 0.25, ap50: 0.5, classes: [], images: 4, durationMs: 2000 };
const measured = { evaluation, durationMs: 2000 };
const place = {
  epochs: 3,
  steps: 6,
  stepInEpoch: 1,
  stepsPerEpoch: 2,
  learningRate: 0.1,
  learningRates: {},
  gradientNorm: 1,
  images: 2,
  waitedMs: 0,
};

/** Two steps of four seconds an epoch, two pictures each. */
function epoch(run: ReturnType<typeof trainingProgress>, number: number, advance: (ms: number) => void, loss: number): void {
  for (const step of [2 * number - 1, 2 * number]) {
    advance(4000);
    run.stepped!({ ...place, epoch: number, step, loss, classification: loss, regression: 0, durationMs: 4000, waitedMs: 1000 });
  }
}

test("in a pipe: a line now and then, and one for each epoch", () => {
  let now = 0;
  const out = screen();
  const clock = { now: () => now };
  const run = trainingProgress(openTerminal({ out, error: screen(), ...clock }), clock);
  const advance = (ms: number) => {
    now += ms;
  };
  run.started!({ recipe, classes: [], root: "", steps: 6, done: 0 });
  epoch(run, 1, advance, 4);
  advance(2000);
  run.evaluated!({ epoch: 1, step: 2, ...measured, best: true, bestLoss: false });
  run.epochEnded!({ epoch: 1, step: 2 });
  epoch(run, 2, advance, 2);
  run.evaluated!({
    epoch: 2,
    step: 4,
    ...measured,
    evaluation: { ...evaluation, map: 0.125, ap50: 0.25 },
    best: false,
    bestLoss: false,
  });
  run.epochEnded!({ epoch: 2, step: 4 });
  epoch(run, 3, advance, 1);
  run.evaluated!({
    epoch: 3,
    step: 6,
    ...measured,
    evaluation: { ...evaluation, map: null, ap50: null },
    best: false,
    bestLoss: false,
  });
  run.epochEnded!({ epoch: 3, step: 6 });
  expect(out.text()).toBe(`epoch 1/3: loss 4.000, mAP 0.250 (best), AP50 0.500, 10 s
epoch 2/3, step 3/6, loss 3.299, 0.5 images/s, waiting for data 25 %, 16 s left
epoch 2/3: loss 2.000, mAP 0.125, AP50 0.250, 8 s
epoch 3/3, step 6/6, loss 2.232, 0.5 images/s, waiting for data 25 %, 2 s left
epoch 3/3: loss 1.000, no ground truth to evaluate on, 8 s
`);
});

test("a run that was stopped in the middle of an epoch goes on counting there", () => {
  const out = screen();
  const run = trainingProgress(openTerminal({ out, error: screen() }), { now: () => 0 });
  run.started!({ recipe, classes: [], root: "", steps: 6, done: 3 });
  run.stepped!({ ...place, epoch: 2, step: 4, loss: 2, classification: 1, regression: 1, durationMs: 1 });
  expect(out.text()).toBe("");
  run.epochEnded!({ epoch: 2, step: 4 });
  expect(out.text()).toBe("epoch 2/3: loss 2.000, 0 s\n");
});

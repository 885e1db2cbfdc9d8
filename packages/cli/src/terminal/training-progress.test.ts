import type { Evaluation } from "@singleshot/detection";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { expect, test } from "vitest";
import { screen } from "../testing/screen.js";
import { openTerminal } from "./terminal.js";
import { trainingProgress } from "./training-progress.js";

const shipped = resolveRecipe(recipes.get("ssdlite320"));
const recipe = { ...shipped, schedule: { ...shipped.schedule, epochs: 3 } };
const evaluation: Evaluation = { protocol: "coco", map: 0.25, ap50: 0.5, classes: [], images: 4, durationMs: 2000 };

/** Two steps of four seconds an epoch, two pictures each. */
function epoch(run: ReturnType<typeof trainingProgress>, number: number, advance: (ms: number) => void, loss: number): void {
  for (const step of [2 * number - 1, 2 * number]) {
    advance(4000);
    const losses = { loss, classification: loss, regression: 0, learningRate: 0.1 };
    run.stepped!({ epoch: number, epochs: 3, step, steps: 6, ...losses, images: 2, durationMs: 4000 });
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
  run.evaluated!({ epoch: 1, step: 2, evaluation, best: true });
  run.saved!({ path: "", epoch: 1, step: 2 });
  epoch(run, 2, advance, 2);
  run.evaluated!({ epoch: 2, step: 4, evaluation: { ...evaluation, map: 0.125, ap50: 0.25 }, best: false });
  run.saved!({ path: "", epoch: 2, step: 4 });
  epoch(run, 3, advance, 1);
  run.evaluated!({ epoch: 3, step: 6, evaluation: { ...evaluation, map: null, ap50: null }, best: false });
  run.saved!({ path: "", epoch: 3, step: 6 });
  expect(out.text()).toBe(`epoch 1/3: loss 4.000, mAP 0.250 (best), AP50 0.500, 10 s
epoch 2/3, step 3/6, loss 3.299, 0.5 images/s, 16 s left
epoch 2/3: loss 2.000, mAP 0.125, AP50 0.250, 8 s
epoch 3/3, step 6/6, loss 2.232, 0.5 images/s, 2 s left
epoch 3/3: loss 1.000, no ground truth to evaluate on, 8 s
`);
});

test("a run that was stopped in the middle of an epoch goes on counting there", () => {
  const out = screen();
  const run = trainingProgress(openTerminal({ out, error: screen() }), { now: () => 0 });
  run.started!({ recipe, classes: [], root: "", steps: 6, done: 3 });
  run.stepped!({
    epoch: 2,
    epochs: 3,
    step: 4,
    steps: 6,
    loss: 2,
    classification: 1,
    regression: 1,
    learningRate: 1,
    images: 2,
    durationMs: 1,
  });
  run.saved!({ path: "", epoch: 1, step: 4 });
  expect(out.text()).toBe("");
  run.saved!({ path: "", epoch: 2, step: 4 });
  expect(out.text()).toBe("epoch 2/3: loss 2.000, 0 s\n");
});

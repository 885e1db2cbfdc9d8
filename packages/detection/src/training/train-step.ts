import { autocast, optim, scope } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import type { Detector } from "../detectors/index.js";
import type { Batch } from "../loader/index.js";
import type { Recipe } from "../recipes/index.js";
import type { TrainingState } from "./checkpoint.js";
import { learningRateFactor } from "./schedule.js";

/** What one step used and gave. */
export interface StepResult {
  learningRate: number;
  loss: number;
  classification: number;
  regression: number;
}

/**
 * One optimizer step on one batch. Intermediates are freed before `backward`: autograd keeps what it needs.
 * @throws InputError naming the step and its pictures when the loss is not finite; nothing has been changed then
 */
export function trainStep(
  { detector, optimizer, ema, progress }: TrainingState,
  batch: Batch,
  recipe: Recipe,
  stepsPerEpoch: number,
): StepResult {
  const { epoch, step, globalStep } = progress;
  const learningRate = recipe.optimizer.learningRate * learningRateFactor(recipe.schedule, { epoch, step, stepsPerEpoch });
  optimizer.learningRate = learningRate;
  const losses = scope(() => {
    const { total, classification, regression } = forward(detector, batch, recipe);
    const values = { loss: total.item(), classification: classification.item(), regression: regression.item() };
    if (!Number.isFinite(values.loss)) throw notFinite(values, globalStep + 1, batch);
    total.backward();
    return values;
  });
  if (recipe.training.clipGradNorm) optim.clipGradNorm(detector.parameters().values(), recipe.training.clipGradNorm);
  optimizer.step();
  detector.zeroGrad();
  ema?.update();
  return { learningRate, ...losses };
}

function forward(detector: Detector, batch: Batch, { training }: Recipe) {
  return scope(() => {
    const raw = autocast({ enabled: training.precision === "bfloat16" }, () => detector.forward(detector.normalize(batch.images)));
    const { classification, regression } = detector.loss(raw, batch);
    return { total: classification.add(regression), classification, regression };
  });
}

function notFinite({ classification, regression }: { classification: number; regression: number }, step: number, batch: Batch): InputError {
  const pictures = batch.entries.map(({ id }) => id);
  return new InputError(
    `step ${step}: the loss is not finite (classification ${classification}, regression ${regression}) on ${pictures.join(", ")}`,
    {
      fix: "lower the learning rate, or look at these pictures' boxes; the last checkpoint is untouched",
    },
  );
}

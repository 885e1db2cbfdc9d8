import { autocast, optim, scope, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import type { Detector } from "../detectors/index.js";
import type { Batch } from "../loader/index.js";
import type { GroundTruth } from "../losses/index.js";
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
  const learningRate = recipe.optimizer.learningRate * learningRateFactor(recipe.schedule, { epoch, step, stepsPerEpoch, globalStep });
  optimizer.learningRate = learningRate;
  const parts = partsOf(batch, recipe.training.microBatchSize);
  const losses = { loss: 0, classification: 0, regression: 0 };
  for (const part of parts) {
    scope(() => {
      const { total, classification, regression } = forward(detector, part(), recipe);
      if (!Number.isFinite(total.item())) throw notFinite(classification.item(), regression.item(), globalStep + 1, batch);
      losses.loss += total.item() / parts.length;
      losses.classification += classification.item() / parts.length;
      losses.regression += regression.item() / parts.length;
      (parts.length === 1 ? total : total.div(parts.length)).backward();
    });
  }
  if (recipe.training.clipGradNorm) optim.clipGradNorm(detector.parameters().values(), recipe.training.clipGradNorm);
  optimizer.step();
  detector.zeroGrad();
  ema?.update();
  return { learningRate, ...losses };
}

type Part = GroundTruth & { images: Tensor; extents?: Tensor };

/** The batch in parts of at most `size` pictures, each made when its turn comes. */
function partsOf(batch: Batch, size = batch.entries.length): (() => Part)[] {
  const N = batch.entries.length;
  if (N <= size) return [() => batch];
  const cut = (tensor: Tensor, from: number) => tensor.narrow(0, from, Math.min(size, N - from));
  return Array.from({ length: Math.ceil(N / size) }, (_, i) => () => {
    const { images, boxes, labels, counts, extents } = batch;
    const from = i * size;
    return {
      images: cut(images, from),
      boxes: cut(boxes, from),
      labels: cut(labels, from),
      counts: cut(counts, from),
      ...(extents && { extents: cut(extents, from) }),
    };
  });
}

function forward(detector: Detector, batch: Part, { training }: Recipe) {
  return scope(() => {
    const raw = autocast({ enabled: training.precision === "bfloat16" }, () =>
      detector.forward(detector.normalize(batch.images, batch.extents)),
    );
    const { classification, regression } = detector.loss(raw, batch);
    return { total: classification.add(regression), classification, regression };
  });
}

function notFinite(classification: number, regression: number, step: number, batch: Batch): InputError {
  const pictures = batch.entries.map(({ id }) => id);
  return new InputError(
    `step ${step}: the loss is not finite (classification ${classification}, regression ${regression}) on ${pictures.join(", ")}`,
    {
      fix: "lower the learning rate, or look at these pictures' boxes; the last checkpoint is untouched",
    },
  );
}

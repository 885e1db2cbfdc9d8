import { ops, scope } from "@singleshot/torch";
import type { Classifier } from "../backbones/index.js";
import type { Batch } from "../loader/index.js";
import type { PretrainingRecipe } from "../recipes/index.js";
import { backward, NotFinite, type TrainingState, update } from "../training/index.js";
import { targetsOf } from "./classes.js";
import { logitsOf } from "./forward.js";
import type { ClassificationValues } from "./observer.js";
import { accuracyOf, ranksOf } from "./ranks.js";

/**
 * One optimizer step on one batch, by the mean cross entropy.
 * @throws NotFinite when the loss or a gradient is not finite; the weights have not been changed then
 */
export function pretrainStep(
  state: TrainingState<Classifier>,
  { images, entries }: Batch,
  recipe: PretrainingRecipe,
): ClassificationValues {
  const { training } = recipe;
  const size = training.microBatchSize ?? entries.length;
  const parts = Array.from({ length: Math.ceil(entries.length / size) }, (_, i) => entries.slice(i * size, (i + 1) * size));
  const ranks: number[] = [];
  let mean = 0;
  for (const [i, part] of parts.entries()) {
    scope(() => {
      const targets = targetsOf(part);
      const logits = logitsOf(state.model, images.narrow(0, i * size, part.length), recipe);
      const loss = ops.crossEntropyLoss(logits, targets);
      if (!Number.isFinite(loss.item())) throw new NotFinite(`the loss is not finite (${loss.item()})`);
      mean += loss.item() / parts.length;
      ranks.push(...ranksOf(logits, targets));
      backward(state, loss, parts.length);
    });
  }
  return { loss: mean, accuracy: accuracyOf(ranks), gradientNorm: update(state, training) };
}

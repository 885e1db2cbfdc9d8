import { ops, scope } from "@singleshot/torch";
import type { Classifier } from "../backbones/index.js";
import { spansOf, summed } from "../distributed/index.js";
import type { Batch } from "../loader/index.js";
import type { PretrainingRecipe } from "../recipes/index.js";
import { backward, NotFinite, type TrainingState, update } from "../training/index.js";
import { targetsOf } from "./classes.js";
import { logitsOf } from "./forward.js";
import type { ClassificationValues } from "./observer.js";
import { ranksOf } from "./ranks.js";

/**
 * One optimizer step on one batch, by the mean cross entropy.
 *
 * @param pictures how many of the batch's each process has; they share it
 * @throws NotFinite when the loss or a gradient is not finite; the weights have not been changed then
 */
export async function pretrainStep(
  state: TrainingState<Classifier>,
  { images, entries }: Batch,
  recipe: PretrainingRecipe,
  pictures: readonly number[] = [entries.length],
): Promise<ClassificationValues> {
  const { training } = recipe;
  const { team, gradients } = state;
  const parts = spansOf(pictures, team.rank, training.microBatchSize);
  const ranks: number[] = [];
  let mean = 0;
  for (const [i, { from, count, together, weight }] of parts.entries()) {
    if (i === parts.length - 1) gradients.begin();
    scope(() => {
      const targets = targetsOf(entries.slice(from, from + count), state.model.device);
      const logits = logitsOf(state.model, images.narrow(0, from, count), recipe);
      const loss = ops.crossEntropyLoss(logits, targets).mul(count / together);
      const value = loss.item();
      if (!Number.isFinite(value)) throw new NotFinite(`the loss is not finite (${value})`);
      mean += value * weight;
      ranks.push(...ranksOf(logits, targets));
      backward(state, loss, weight);
    });
  }
  const right = ranks.filter((rank) => rank === 0).length;
  const [loss, allRight, all] = summed(await team.gather([mean, right, ranks.length]));
  await gradients.reduced();
  return { loss: loss!, accuracy: allRight! / all!, gradientNorm: update(state, training) };
}

import { optim, scope, type Tensor } from "@singleshot/torch";
import { firstNotFinite, NotFinite } from "./not-finite.js";
import type { TrainingState } from "./run/index.js";

/**
 * Adds the gradients of one part of a batch: a batch of several parts moves the weights by their mean.
 * @param loss [], of the part
 * @param weight the part's share of the batch
 */
export function backward({ scaler }: TrainingState, loss: Tensor, weight = 1): void {
  scope(() => {
    const weighted = weight === 1 ? loss : loss.mul(weight);
    (scaler ? scaler.scale(weighted) : weighted).backward();
  });
}

/**
 * One optimizer step by the gradients that were gathered, which are gone then.
 *
 * @returns the norm of all gradients, before they were clipped
 * @throws NotFinite naming a gradient; with a gradient scaler such a step is left out instead, and the scale lowered
 */
export function update({ model, optimizer, ema, scaler }: TrainingState, { clipGradNorm = Number.POSITIVE_INFINITY } = {}): number {
  scaler?.unscale(model.parameters().values());
  const norm = optim.clipGradNorm(model.parameters().values(), clipGradNorm);
  const finite = Number.isFinite(norm);
  if (!finite && !scaler) throw new NotFinite(gradientProblem(model.parameters(), norm));
  if (finite) optimizer.step();
  scaler?.update(finite);
  model.zeroGrad();
  if (finite) ema?.update();
  return norm;
}

function gradientProblem(parameters: ReadonlyMap<string, Tensor & { grad: Tensor | null }>, norm: number): string {
  const gradients = [...parameters].flatMap(([key, { grad }]): [string, Tensor][] => (grad ? [[key, grad]] : []));
  const key = firstNotFinite(gradients);
  return key === undefined ? `the norm of the gradients is ${norm}` : `the gradient of ${key} is not finite`;
}

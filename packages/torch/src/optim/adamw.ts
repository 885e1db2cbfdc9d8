import * as ops from "../ops.generated.js";
import { type Group, Optimizer, type ParameterGroup, statesOf, type Work } from "./optimizer.js";

export interface AdamWOptions {
  learningRate: number;
  betas?: readonly [number, number];
  eps?: number;
  weightDecay?: number;
}

/**
 * Adam with decoupled weight decay.
 *
 *     m ← β₁ m + (1 - β₁) g     v ← β₂ v + (1 - β₂) g²     p ← (1 - η λ) p - η / (1 - β₁ᵗ) · m / (√(v / (1 - β₂ᵗ)) + ε)
 *
 * @see Loshchilov & Hutter 2019 (arXiv:1711.05101)
 */
export class AdamW extends Optimizer {
  readonly betas: readonly [number, number];
  readonly eps: number;

  constructor(groups: readonly ParameterGroup[], { learningRate, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0.01 }: AdamWOptions) {
    super(groups, learningRate, weightDecay);
    this.betas = betas;
    this.eps = eps;
  }

  protected update(group: Group, work: Work, learningRate: number): void {
    for (const [t, part] of byAge(work)) this.#updateAt(t, group, part, learningRate);
  }

  #updateAt(t: number, { weightDecay }: Group, work: Work, learningRate: number): void {
    const { parameters, gradients } = work;
    const [beta1, beta2] = this.betas;
    const averages = statesOf(work, "exp_avg", (parameter) => ops.zerosLike(parameter));
    const squares = statesOf(work, "exp_avg_sq", (parameter) => ops.zerosLike(parameter));

    if (weightDecay !== 0) ops.foreachMul_(parameters, 1 - learningRate * weightDecay);
    ops.foreachMul_(averages, beta1);
    ops.foreachAdd_(averages, gradients, { alpha: 1 - beta1 });
    ops.foreachMul_(squares, beta2);
    ops.foreachAddcmul_(squares, gradients, gradients, { value: 1 - beta2 });
    const roots = ops.foreachSqrt(squares);
    ops.foreachDiv_(roots, Math.sqrt(1 - beta2 ** t));
    ops.foreachAdd_(roots, this.eps);
    ops.foreachAddcdiv_(parameters, averages, roots, { value: -learningRate / (1 - beta1 ** t) });
  }

  protected settings(): Map<string, unknown> {
    return new Map<string, unknown>([
      ["betas", Object.freeze([...this.betas])],
      ["eps", this.eps],
      ["amsgrad", false],
      ["maximize", false],
    ]);
  }
}

/** Counts this step and parts the work by the number of steps a parameter has seen: nearly always one part. */
function byAge({ parameters, gradients, states }: Work): Map<number, Work> {
  const parts = new Map<number, Work>();
  states.forEach((state, i) => {
    const t = ((state.get("step") as number | undefined) ?? 0) + 1;
    state.set("step", t);
    const part = parts.get(t) ?? { parameters: [], gradients: [], states: [] };
    parts.set(t, part);
    part.parameters.push(parameters[i]!);
    part.gradients.push(gradients[i]!);
    part.states.push(state);
  });
  return parts;
}

import * as ops from "../ops.generated.js";
import { type Group, Optimizer, type ParameterGroup, statesOf, type Work } from "./optimizer.js";

export interface SgdOptions {
  learningRate: number;
  momentum?: number;
  nesterov?: boolean;
  weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum as PyTorch has it: v ← μ v + g, p ← p - η v; the first v is the first gradient.
 * Nesterov steps along g + μ v. The decay is added to the gradient.
 * @see Sutskever et al. 2013
 */
export class SGD extends Optimizer {
  readonly momentum: number;
  readonly nesterov: boolean;

  constructor(groups: readonly ParameterGroup[], { learningRate, momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions) {
    super(groups, learningRate, weightDecay);
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  protected update({ weightDecay }: Group, work: Work, learningRate: number): void {
    const { parameters } = work;
    const gradients = weightDecay === 0 ? work.gradients : ops.foreachAdd(work.gradients, parameters, { alpha: weightDecay });
    ops.foreachAdd_(parameters, this.momentum === 0 ? gradients : this.#direction(work, gradients), { alpha: -learningRate });
  }

  #direction(work: Work, gradients: ops.Tensor[]): ops.Tensor[] {
    const velocities = statesOf(work, "momentum_buffer", (parameter) => ops.zerosLike(parameter)); // μ · 0 + g is the first gradient
    ops.foreachMul_(velocities, this.momentum);
    ops.foreachAdd_(velocities, gradients);
    return this.nesterov ? ops.foreachAdd(gradients, velocities, { alpha: this.momentum }) : velocities;
  }

  protected settings(): Map<string, unknown> {
    return new Map<string, unknown>([
      ["momentum", this.momentum],
      ["dampening", 0],
      ["nesterov", this.nesterov],
      ["maximize", false],
    ]);
  }
}

import { noGrad } from "../autograd.js";
import type { Parameter } from "../nn/index.js";
import * as ops from "../ops.generated.js";

export interface GradScalerOptions {
  initialScale?: number;
  growthFactor?: number;
  backoffFactor?: number;
  /** Steps with finite gradients after which the scale grows. */
  growthInterval?: number;
}

/**
 * Multiplies the loss so that small gradients do not vanish in 16-bit floats, and finds the largest scale that works: it grows after so
 * many good steps and shrinks where a gradient overflows, whose step is left out.
 * @see Micikevicius et al. 2018 (arXiv:1710.03740); its states equal those of PyTorch's `GradScaler`
 */
export class GradScaler {
  #scale: number;
  #goodSteps = 0;
  readonly #options: Required<Omit<GradScalerOptions, "initialScale">>;

  constructor({ initialScale = 2 ** 16, growthFactor = 2, backoffFactor = 0.5, growthInterval = 2000 }: GradScalerOptions = {}) {
    this.#scale = initialScale;
    this.#options = { growthFactor, backoffFactor, growthInterval };
  }

  scale(loss: ops.Tensor): ops.Tensor {
    return loss.mul(this.#scale);
  }

  /** Gives gradients their own size back. */
  unscale(parameters: Iterable<Parameter>): void {
    const gradients = [...parameters].flatMap((parameter) => parameter.grad ?? []);
    if (gradients.length > 0) noGrad(() => ops.foreachMul_(gradients, 1 / this.#scale));
  }

  /** @param finite whether all gradients of the step were */
  update(finite: boolean): void {
    const { growthFactor, backoffFactor, growthInterval } = this.#options;
    this.#goodSteps = finite ? this.#goodSteps + 1 : 0;
    if (!finite) this.#scale = Math.fround(this.#scale * backoffFactor);
    if (this.#goodSteps < growthInterval) return;
    this.#goodSteps = 0;
    const grown = Math.fround(this.#scale * growthFactor);
    if (Number.isFinite(grown)) this.#scale = grown;
  }

  /** By PyTorch's names. */
  stateDict(): Map<string, number> {
    const { growthFactor, backoffFactor, growthInterval } = this.#options;
    return new Map([
      ["scale", this.#scale],
      ["growth_factor", growthFactor],
      ["backoff_factor", backoffFactor],
      ["growth_interval", growthInterval],
      ["_growth_tracker", this.#goodSteps],
    ]);
  }

  /** @throws RangeError where something is missing */
  loadStateDict(saved: ReadonlyMap<string, number>): void {
    const [scale, goodSteps] = [saved.get("scale"), saved.get("_growth_tracker")];
    if (scale === undefined || goodSteps === undefined) throw new RangeError("this is not the state of a gradient scaler");
    this.#scale = scale;
    this.#goodSteps = goodSteps;
  }
}

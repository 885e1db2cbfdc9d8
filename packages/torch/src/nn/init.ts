import { noGrad } from "../autograd.js";
import type { Tensor } from "../ops.generated.js";

/** Inputs and outputs of one unit of a weight [out, in / groups, kernel…]. */
export function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const field = shape.slice(2).reduce((product, side) => product * side, 1);
  return { fanIn: (shape[1] ?? 1) * field, fanOut: (shape[0] ?? 1) * field };
}

/** U(-b, b) with b = gain · √(3 / fan_in), gain = √(2 / (1 + a²)). He et al. 2015. */
export function kaimingUniform_<T extends Tensor>(weight: T, { a = 0 }: { a?: number } = {}): T {
  const bound = Math.sqrt(2 / (1 + a * a)) * Math.sqrt(3 / fans(weight.shape).fanIn);
  return noGrad(() => weight.uniform_({ from: -bound, to: bound }));
}

/** N(0, 2 / fan) with the fan of the outputs. He et al. 2015. */
export function kaimingNormal_<T extends Tensor>(weight: T): T {
  return noGrad(() => weight.normal_({ mean: 0, std: Math.sqrt(2 / fans(weight.shape).fanOut) }));
}

/** U(-b, b) with b = gain · √(6 / (fan_in + fan_out)). Glorot & Bengio 2010. */
export function xavierUniform_<T extends Tensor>(weight: T, { gain = 1 }: { gain?: number } = {}): T {
  const { fanIn, fanOut } = fans(weight.shape);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return noGrad(() => weight.uniform_({ from: -bound, to: bound }));
}

export function normal_<T extends Tensor>(weight: T, { mean = 0, std = 1 }: { mean?: number; std?: number } = {}): T {
  return noGrad(() => weight.normal_({ mean, std }));
}

export function constant_<T extends Tensor>(weight: T, value: number): T {
  return noGrad(() => weight.fill_(value));
}

/** PyTorch's start for a bias: U(-1/√fan_in, 1/√fan_in) of the weight beside it. */
export function uniformBias_<T extends Tensor>(bias: T, weightShape: readonly number[]): T {
  const bound = 1 / Math.sqrt(fans(weightShape).fanIn);
  return noGrad(() => bias.uniform_({ from: -bound, to: bound }));
}

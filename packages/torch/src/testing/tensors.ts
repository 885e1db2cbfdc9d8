import { expectClose, uniform } from "@singleshot/testing";
import { noGrad } from "../autograd.js";
import type { DType } from "../dtype.js";
import type { Tensor } from "../ops.generated.js";
import { scope } from "../scope.js";
import { tensor } from "../tensor.js";

type Tolerance = NonNullable<Parameters<typeof expectClose>[2]>;

/** Numbers in [-1, 1) that belong to the name, the same on every machine. */
export function randomTensor(shape: readonly number[], { name = "x", dtype = "float64" }: { name?: string; dtype?: DType } = {}): Tensor {
  const count = shape.reduce((product, side) => product * side, 1);
  return tensor(uniform(name, count), { shape, dtype });
}

/** Shape and elements of a tensor against nested arrays; without a tolerance they must be equal. */
export function expectTensor(ours: Tensor, theirs: NestedNumbers, tolerance: Tolerance = {}): void {
  const name = tolerance.name ?? "tensor";
  if (ours.shape.join() !== shapeOf(theirs).join()) throw new Error(`${name}: ours is [${ours.shape}], theirs [${shapeOf(theirs)}]`);
  expectClose(ours.toTypedArray<"float64">(), [theirs] as number[], tolerance);
}

export type NestedNumbers = number | readonly NestedNumbers[];

function shapeOf(values: NestedNumbers): number[] {
  return typeof values === "number" ? [] : [values.length, ...shapeOf(values[0] ?? 0)];
}

export interface GradientCheck extends Tolerance {
  /** half the distance between the two points of a difference */
  step?: number;
}

/**
 * Fails unless the gradients that backward gives agree with central differences (f(x + h) - f(x - h)) / 2h, for every element.
 * A result of several elements is weighted with fixed random numbers, so that errors cannot cancel.
 *
 * @param inputs float64, contiguous, leaves; left as they were
 */
export function checkGradient(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: Tensor | readonly Tensor[],
  { step = 1e-5, rtol = 1e-6, atol = 1e-7, name = "gradient" }: GradientCheck = {},
): void {
  const all = "handle" in inputs ? [inputs] : inputs;
  const objective = () => {
    const result = f(...all);
    return result.mul(randomTensor(result.shape, { name: "weights" })).sum();
  };
  const ours = gradientsOf(objective, all);
  for (const [i, input] of all.entries()) {
    const differences = differencesOf(objective, input, step);
    expectClose(ours[i]!, differences, { rtol, atol, name: all.length > 1 ? `${name} of input ${i}` : name });
  }
}

function gradientsOf(objective: () => Tensor, inputs: readonly Tensor[]): Float64Array[] {
  return scope(() => {
    for (const input of inputs) {
      if (input.dtype !== "float64") throw new TypeError(`checkGradient needs float64, not ${input.dtype}`);
      input.requiresGrad = true;
      input.grad = null;
    }
    objective().backward();
    return inputs.map((input) => input.grad?.toTypedArray<"float64">() ?? new Float64Array(input.size));
  });
}

function differencesOf(objective: () => Tensor, input: Tensor, step: number): Float64Array {
  const values = input.toSharedView<"float64">();
  const at = (i: number, value: number) => {
    values[i] = value;
    return noGrad(() => scope(() => objective().item()));
  };
  return Float64Array.from(values, (x, i) => {
    const difference = (at(i, x + step) - at(i, x - step)) / (2 * step);
    values[i] = x;
    return difference;
  });
}

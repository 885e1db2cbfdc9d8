import { expectClose, golden, goldenInput, type InputRecipe } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { fromBuffer, ops, type Reduction, scope, type Tensor, tensor } from "./index.js";

interface Case {
  loss: string;
  reduction: Reduction;
  input: InputRecipe;
  target: InputRecipe | number[];
  beta?: number;
  delta?: number;
  label_smoothing?: number;
  value: number | number[];
  grad: number[][];
}

/** The losses that libtorch has itself; those of boxes are the detection package's. */
const losses: Record<string, (input: Tensor, target: Tensor, options: Case) => Tensor> = {
  smooth_l1: (input, target, { beta, reduction }) => ops.smoothL1Loss(input, target, { beta, reduction }),
  huber: (input, target, { delta, reduction }) => ops.huberLoss(input, target, { delta, reduction }),
  l1: (input, target, { reduction }) => ops.l1Loss(input, target, { reduction }),
  cross_entropy: (input, target, { label_smoothing, reduction }) =>
    ops.crossEntropyLoss(input, target, { labelSmoothing: label_smoothing, reduction }),
};

const cases = golden<{ cases: Case[] }>("losses/elementwise").cases.filter(({ loss }) => loss in losses);
const inputOf = (recipe: InputRecipe): Tensor => {
  const { data, shape } = goldenInput(recipe);
  return fromBuffer(data, shape);
};

describe("losses and their gradients equal PyTorch's", () => {
  test("each kind is there", () => expect(new Set(cases.map(({ loss }) => loss))).toEqual(new Set(Object.keys(losses))));

  test.each(cases)("$loss, $reduction, β $beta, smoothing $label_smoothing", (row) => {
    scope(() => {
      const input = inputOf(row.input);
      input.requiresGrad = true;
      const target = Array.isArray(row.target) ? tensor(row.target, { dtype: "int64" }) : inputOf(row.target);
      const loss = losses[row.loss]!(input, target, row);
      expectClose(loss.toTypedArray(), [row.value].flat(), { rtol: 2e-6, atol: 2e-9, name: "value" });
      loss.sum().backward();
      expectClose(input.grad!.toTypedArray(), row.grad, { rtol: 2e-6, atol: 2e-9, name: "gradient" });
    });
  });
});

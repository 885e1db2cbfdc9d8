import { describe, expect, test } from "vitest";
import { defaultGenerator, nn, ops, scope, type Tensor } from "../index.js";

/** Mean, deviation and largest absolute value of many elements. */
function statistics(tensor: Tensor): { mean: number; std: number; max: number } {
  return scope(() => ({
    mean: tensor.mean().item(),
    std: tensor.sub(tensor.mean()).square().mean().sqrt().item(),
    max: tensor.abs().amax().item(),
  }));
}

const weight = () => ops.empty([64, 32, 3, 3]); // fan in 288, fan out 576

describe("initialisers", () => {
  const uniform = (bound: number) => ({ std: bound / Math.sqrt(3), max: bound });
  const cases: [name: string, make: () => Tensor, expected: { std: number; max?: number }][] = [
    ["kaimingUniform_", () => nn.init.kaimingUniform_(weight()), uniform(Math.sqrt(6 / 288))],
    [
      "kaimingUniform_ with a = √5, PyTorch's default of layers",
      () => nn.init.kaimingUniform_(weight(), { a: Math.sqrt(5) }),
      uniform(1 / Math.sqrt(288)),
    ],
    ["kaimingNormal_ over the outputs", () => nn.init.kaimingNormal_(weight()), { std: Math.sqrt(2 / 576) }],
    ["xavierUniform_", () => nn.init.xavierUniform_(weight()), uniform(Math.sqrt(6 / (288 + 576)))],
    ["normal_", () => nn.init.normal_(weight(), { std: 0.03 }), { std: 0.03 }],
    ["uniformBias_", () => nn.init.uniformBias_(ops.empty([20_000]), [64, 32, 3, 3]), uniform(1 / Math.sqrt(288))],
  ];
  test.each(cases)("%s", (_name, make, expected) => {
    defaultGenerator.seed(5);
    scope(() => {
      const { mean, std, max } = statistics(make());
      expect(Math.abs(mean)).toBeLessThan(expected.std / 25); // 18,432 elements: the mean's own deviation is 1/136
      expect(std / expected.std).toBeCloseTo(1, 1.5);
      if (expected.max) {
        expect(max).toBeLessThanOrEqual(expected.max);
        expect(max).toBeGreaterThan(0.999 * expected.max);
      }
    });
  });

  test("constant_ fills, the weight comes back and takes part in training as before", () => {
    scope(() => {
      const parameter = new nn.Parameter(ops.empty([2, 2]));
      expect(nn.init.constant_(parameter, 0.5)).toBe(parameter);
      expect([...parameter.toTypedArray()]).toEqual([0.5, 0.5, 0.5, 0.5]);
      expect(parameter.requiresGrad).toBe(true);
    });
  });

  test("layers start as PyTorch's for the same seed", () => {
    scope(() => {
      defaultGenerator.seed(0);
      const layer = new nn.Linear(2, 2); // torch.manual_seed(0); torch.nn.Linear(2, 2)
      const numbers = [...layer.weight.toTypedArray(), ...layer.bias!.toTypedArray()].map((value) => Number(value.toFixed(4)));
      expect(numbers).toEqual([-0.0053, 0.3793, -0.582, -0.5204, -0.2723, 0.1896]);
    });
  });
});

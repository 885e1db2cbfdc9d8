import { expectClose, golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { printed, runRanks } from "../testing/index.js";

interface Case {
  activation: string;
  output: number[];
  input_gradient: number[];
  weight_gradient: number[];
  bias_gradient: number[];
  running_mean: number[];
  running_var: number[];
}
interface Golden {
  shape: number[];
  eps: number;
  momentum: number;
  input: number[];
  weight: number[];
  bias: number[];
  gradient: number[];
  cases: Case[];
}

describe("synchronised batch norm equals PyTorch's batch norm over the pictures of all ranks", () => {
  const { cases, ...given } = golden<Golden>("distributed/sync_batch_norm");
  const parts = { 2: [3, 2], 3: [1, 3, 1] } as const;

  const settings = [
    { dtype: "float32", format: "channelsLast", atol: 3e-5 },
    { dtype: "float32", format: "contiguous", atol: 3e-5 },
    { dtype: "float64", format: "contiguous", atol: 1e-8 },
  ];

  /** Each rank has some of the five pictures. Prints the results of every activation in every setting. */
  const source = (pictures: readonly number[]) => `
    const given = ${JSON.stringify(given)};
    const { tensor, nn } = torch;
    const pictures = ${JSON.stringify(pictures)};
    const from = pictures.slice(0, group.rank).reduce((sum, count) => sum + count, 0);
    function resultOf(activation, { dtype, format }) {
      const all = (values) => tensor(Float64Array.from(values), { shape: given.shape });
      const part = (values) => all(values).narrow(0, from, pictures[group.rank]).to(dtype).contiguous({ memoryFormat: format });
      const norm = new nn.BatchNorm2d(3, { eps: given.eps, momentum: given.momentum, activation }).to({ dtype }).train();
      torch.noGrad(() => { norm.weight.copy_(tensor(given.weight)); norm.bias.copy_(tensor(given.bias)); });
      nn.synchronizeBatchNorm(norm, group);
      const input = part(given.input).detach();
      input.requiresGrad = true;
      const output = norm.forward(input);
      output.backward({ gradient: part(given.gradient) });
      const list = (t) => [...t.toTypedArray()];
      return {
        output: list(output.detach()), input_gradient: list(input.grad), weight_gradient: list(norm.weight.grad), bias_gradient: list(norm.bias.grad),
        running_mean: list(norm.runningMean), running_var: list(norm.runningVar),
      };
    }
    const activations = ${JSON.stringify(cases.map(({ activation }) => activation))};
    console.log(JSON.stringify(activations.map((activation) => ${JSON.stringify(settings)}.map((setting) => resultOf(activation, setting)))));
  `;

  test.each([2, 3] as const)("%i ranks", async (size) => {
    const said = printed<Case[][]>(await runRanks(size, source(parts[size])));
    for (const [a, expected] of cases.entries()) {
      for (const [s, { atol, ...setting }] of settings.entries()) {
        const ranks = said.map((own) => own[a]![s]!);
        const name = `${expected.activation}, ${JSON.stringify(setting)}`;
        for (const key of ["output", "input_gradient"] as const)
          expectClose(
            ranks.flatMap((own) => own[key]),
            expected[key],
            { atol, name: `${name}: ${key}` },
          );
        for (const key of ["weight_gradient", "bias_gradient"] as const) {
          const sum = expected[key].map((_, c) => ranks.reduce((total, own) => total + own[key][c]!, 0));
          expectClose(sum, expected[key], { atol: 20 * atol, name: `${name}: ${key}` }); // sums of 120 numbers
        }
        for (const key of ["running_mean", "running_var"] as const) {
          expectClose(ranks[0]![key], expected[key], { atol, name: `${name}: ${key}` });
          for (const own of ranks) expect(own[key]).toEqual(ranks[0]![key]);
        }
      }
    }
  });
});

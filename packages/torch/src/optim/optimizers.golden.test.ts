import { expectClose, golden, goldenInput, type InputRecipe } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { fromBuffer, nn, optim, scope, type Tensor } from "../index.js";

interface Settings {
  lr: number;
  weight_decay?: number;
}

interface Case extends Settings {
  name: string;
  optimiser: "SGD" | "Adam" | "AdamW";
  momentum?: number;
  dampening?: number;
  nesterov?: boolean;
  betas?: [number, number];
  eps?: number;
  groups?: Settings[];
  /** one parameter with `param` and `grad`, or several with `params`, `grads` and `length` */
  param?: InputRecipe;
  grad?: string;
  params?: string[];
  grads?: string;
  length?: number;
  steps: number;
  /** [step, values], or [step, values of each parameter] */
  after: [number, number[][]][];
}

const all = golden("schedules/optimisers").cases as Case[];
const close = { rtol: 1e-5, atol: 1e-8 };
const values = (name: string, shape: number[]) => goldenInput({ name, shape, map: "sym" }).data;
const product = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

function parametersOf({ param, params, length }: Case): nn.Parameter[] {
  const recipes = param ? [param] : params!.map((name): InputRecipe => ({ name, shape: [length!], map: "sym" }));
  return recipes.map((recipe) => {
    const { data, shape } = goldenInput(recipe);
    return new nn.Parameter(fromBuffer(data, shape));
  });
}

function optimizerOf(row: Case, parameters: nn.Parameter[]): optim.Optimizer {
  const learningRate = row.lr ?? row.groups![0]!.lr;
  const weightDecay = row.weight_decay ?? 0;
  const groups = (row.groups ?? [row]).map((group, i) => ({
    parameters: [parameters[i]!],
    learningRateScale: group.lr / learningRate,
    weightDecay: group.weight_decay ?? 0,
  }));
  const { momentum, nesterov, betas, eps } = row;
  if (row.optimiser === "SGD") {
    return new optim.SGD(groups, { learningRate, weightDecay, ...(momentum && { momentum }), ...(nesterov && { nesterov }) });
  }
  return new optim.AdamW(groups, { learningRate, weightDecay, ...(betas && { betas }), ...(eps && { eps }) });
}

/** No recipe of ours or of the originals asks for these. */
const reasonToSkip = ({ optimiser, dampening }: Case): string | undefined => {
  if (optimiser === "Adam") return "decay that is not decoupled";
  return dampening ? "dampening" : undefined;
};

describe("optimizers equal PyTorch's, step by step", () => {
  for (const row of all.filter(({ optimiser }) => optimiser)) {
    const reason = reasonToSkip(row);
    test.skipIf(reason)(reason ? `${row.name} (skipped: ${reason} is not offered)` : row.name, () => {
      scope(() => {
        const parameters = parametersOf(row);
        const optimizer = optimizerOf(row, parameters);
        const expected = new Map(row.after);
        let compared = 0;
        for (let step = 0; step < row.steps; step++) {
          parameters.forEach((parameter, i) => {
            const name = (row.grad ?? row.grads!).replace("<t>", String(step)).replace("<i>", String(i));
            parameter.grad = fromBuffer(values(name, [product(parameter.shape)]), parameter.shape);
          });
          optimizer.step();
          if (!expected.has(step)) continue;
          const ours = parameters.flatMap((parameter) => [...parameter.toTypedArray()]);
          expectClose(ours, expected.get(step)!, { ...close, name: `after step ${step}` });
          compared++;
        }
        expect(compared).toBe(row.after.length);
      });
    });
  }
});

interface ClipCase {
  max_norm: number;
  grads: string[];
  lengths: number[];
  total_norm: number;
  clipped: number[][];
}

describe("clipGradNorm equals PyTorch's", () => {
  const rows = (all as unknown as (ClipCase & { name: string })[]).filter(({ name }) => name === "clip_grad_norm_");
  test.each(rows)("to $max_norm", ({ max_norm, grads, lengths, total_norm, clipped }) => {
    scope(() => {
      const parameters = lengths.map((length, i) => {
        const parameter = new nn.Parameter(fromBuffer(new Float32Array(length)));
        parameter.grad = fromBuffer(values(grads[i]!, [length]));
        return parameter;
      });
      expectClose([optim.clipGradNorm(parameters, max_norm)], [total_norm], close);
      for (const [i, parameter] of parameters.entries()) expectClose(parameter.grad!.toTypedArray(), clipped[i]!, close);
    });
  });
});

interface AverageCase {
  decay: number;
  values: string[];
  length: number;
  after: [number, number[]][] | number[][];
}

test("the moving average equals the golden one after each update", () => {
  const row = (all as unknown as (AverageCase & { name: string })[]).find(({ name }) => name === "exponential moving average")!;
  class Net extends nn.Module {
    weight = new nn.Parameter(fromBuffer(new Float32Array(row.length)), { requiresGrad: false });
  }
  scope(() => {
    const net = new Net();
    const average = new optim.ExponentialMovingAverage(net, { decay: row.decay, ramp: false });
    row.values.forEach((name, i) => {
      net.weight.copy_(fromBuffer(values(name, [row.length])) as Tensor);
      average.update();
      expectClose(average.stateDict().get("weight")!.toTypedArray(), (row.after as number[][])[i]!, { ...close, name: `update ${i}` });
    });
    expect(row.values.length).toBeGreaterThan(2);
  });
});

import { describe, expect, test } from "vitest";
import { liveTensors, nn, ops, optim, scope, type Tensor, tensor } from "../index.js";

const parameter = (...values: number[]) => new nn.Parameter(tensor(values));
const groupOf = (...parameters: nn.Parameter[]) => [{ parameters }];
const numbers = (value: Tensor) => [...value.toTypedArray()];

const kinds: [name: string, make: (groups: readonly optim.ParameterGroup[]) => optim.Optimizer][] = [
  ["SGD", (groups) => new optim.SGD(groups, { learningRate: 0.1 })],
  ["SGD with momentum", (groups) => new optim.SGD(groups, { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 })],
  ["SGD with Nesterov", (groups) => new optim.SGD(groups, { learningRate: 0.1, momentum: 0.9, nesterov: true })],
  ["AdamW", (groups) => new optim.AdamW(groups, { learningRate: 0.1, weightDecay: 0.1 })],
];

describe.each(kinds)("%s", (_name, make) => {
  /** Gradients that depend on the step and on the values. */
  const advance = (optimizer: optim.Optimizer, parameters: nn.Parameter[], step: number) =>
    scope(() => {
      parameters.forEach((one, i) => {
        one.grad = one
          .detach()
          .mul(0.3)
          .add(Math.sin(step + i));
      });
      optimizer.step();
    });

  test("a parameter without a gradient is neither moved nor decayed", () => {
    scope(() => {
      const [used, unused] = [parameter(1, 2), parameter(3)];
      const optimizer = make(groupOf(used, unused));
      used.grad = tensor([1, 1]);
      optimizer.step();
      expect(numbers(unused)).toEqual([3]);
      expect(numbers(used)).not.toEqual([1, 2]);
      expect(numbers(used.grad!)).toEqual([1, 1]);
      expect([...(optimizer.stateDict().get("state") as Map<number, unknown>).keys()]).not.toContain(1);
    });
  });

  test("resumed from its state it goes on as if never stopped, bit for bit", () => {
    scope(() => {
      const start = () => [parameter(0.5, -1), parameter(2)];
      const [whole, first] = [start(), start()];
      const [undisturbed, before] = [make(groupOf(...whole)), make(groupOf(...first))];
      for (let step = 0; step < 6; step++) advance(undisturbed, whole, step);
      for (let step = 0; step < 3; step++) advance(before, first, step);
      const second = first.map((one) => new nn.Parameter(one.detach().clone()));
      const after = make(groupOf(...second));
      after.loadStateDict(before.stateDict());
      before.dispose();
      for (let step = 3; step < 6; step++) advance(after, second, step);
      expect(second.map(numbers)).toEqual(whole.map(numbers));
    });
  });

  test("a step leaves no tensors behind, and dispose frees the state", () => {
    const parameters = [parameter(1, 2), parameter(3)];
    const before = liveTensors();
    const optimizer = make(groupOf(...parameters));
    advance(optimizer, parameters, 0);
    const withState = liveTensors();
    for (let step = 1; step < 5; step++) advance(optimizer, parameters, step);
    expect(liveTensors()).toBe(withState);
    optimizer.dispose();
    expect(liveTensors()).toBe(before);
    for (const one of parameters) one.dispose();
  });

  test("a parameter that gets its first gradient later starts its own count", () => {
    scope(() => {
      const [early, late, fresh] = [parameter(1), parameter(1), parameter(1)];
      const optimizer = make(groupOf(early, late));
      advance(optimizer, [early], 0);
      const step = (of: optim.Optimizer) => {
        for (const one of [early, late, fresh]) one.grad = tensor([0.5]);
        of.step();
      };
      step(optimizer);
      step(make(groupOf(fresh)));
      expect(numbers(late)).toEqual(numbers(fresh));
    });
  });

  test("a channels-last weight is moved as any other, whatever its gradient's strides", () => {
    scope(() => {
      const data = ops.ones([2, 3, 2, 2]);
      const [plain, last] = [new nn.Parameter(data.clone()), new nn.Parameter(data.contiguous({ memoryFormat: "channelsLast" }))];
      const optimizer = make(groupOf(plain, last));
      for (let step = 0; step < 2; step++) {
        for (const one of [plain, last]) one.grad = ops.arange(0, 24, { dtype: "float32" }).reshape([2, 3, 2, 2]);
        optimizer.step();
      }
      expect(last.isContiguous("channelsLast")).toBe(true);
      expect(numbers(last)).toEqual(numbers(plain));
    });
  });
});

test("the learning rate is the optimizer's times the group's share", () => {
  scope(() => {
    const [a, b] = [parameter(0), parameter(0)];
    const optimizer = new optim.SGD([{ parameters: [a] }, { parameters: [b], learningRateScale: 0.1 }], { learningRate: 1 });
    optimizer.learningRate = 0.5; // as a schedule does
    for (const one of [a, b]) one.grad = tensor([1]);
    optimizer.step();
    expect([a.item(), b.item()].map((value) => Number(value.toFixed(6)))).toEqual([-0.5, -0.05]);
    optimizer.groups[1]!.learningRateScale = 0;
    optimizer.step();
    expect(b.item()).toBeCloseTo(-0.05, 6);
  });
});

describe("state dict", () => {
  test("has PyTorch's form", () => {
    scope(() => {
      const [a, b] = [parameter(1, 2), parameter(3)];
      const optimizer = new optim.AdamW([{ parameters: [a], weightDecay: 0 }, { parameters: [b] }], {
        learningRate: 0.01,
        weightDecay: 0.05,
      });
      for (const one of [a, b]) one.grad = ops.onesLike(one);
      optimizer.step();
      const saved = optimizer.stateDict();
      const state = saved.get("state") as Map<number, Map<string, unknown>>;
      expect([...state].map(([index, entries]) => [index, [...entries.keys()].sort()])).toEqual([
        [0, ["exp_avg", "exp_avg_sq", "step"]],
        [1, ["exp_avg", "exp_avg_sq", "step"]],
      ]);
      const shared = { lr: 0.01, betas: [0.9, 0.999], eps: 1e-8, amsgrad: false, maximize: false };
      expect((saved.get("param_groups") as Map<string, unknown>[]).map((group) => Object.fromEntries(group))).toEqual([
        { ...shared, weight_decay: 0, params: [0] },
        { ...shared, weight_decay: 0.05, params: [1] },
      ]);
    });
  });

  test("as Python writes it: a step that is a tensor, a buffer that is None", () => {
    scope(() => {
      const groups = [new Map([["params", [0]]])];
      const one = parameter(1, 2);
      const adam = new optim.AdamW(groupOf(one), { learningRate: 0.1 });
      const entries = new Map(Object.entries({ step: tensor(7), exp_avg: tensor([1, 1]), exp_avg_sq: tensor([1, 1]) }));
      adam.loadStateDict(
        new Map<"state" | "param_groups", unknown>([
          ["state", new Map([[0, entries]])],
          ["param_groups", groups],
        ]),
      );
      expect((adam.stateDict().get("state") as Map<number, Map<string, unknown>>).get(0)!.get("step")).toBe(7);
      const sgd = new optim.SGD(groupOf(one), { learningRate: 0.1, momentum: 0.9 });
      const nothing = new Map([[0, new Map([["momentum_buffer", null]])]]);
      sgd.loadStateDict(
        new Map<"state" | "param_groups", unknown>([
          ["state", nothing],
          ["param_groups", groups],
        ]),
      );
      one.grad = tensor([1, 1]);
      sgd.step();
      expect(numbers(one).map((value) => Number(value.toFixed(6)))).toEqual([0.9, 1.9]);
    });
  });

  test("what does not fit is refused, and nothing has changed", () => {
    scope(() => {
      const optimizer = new optim.SGD(groupOf(parameter(1, 2)), { learningRate: 0.1, momentum: 0.9 });
      const load = (state: unknown, params: number[] = [0]) => {
        const saved = new Map<"state" | "param_groups", unknown>([
          ["state", state],
          ["param_groups", [new Map([["params", params]])]],
        ]);
        return () => optimizer.loadStateDict(saved);
      };
      const buffer = (value: Tensor) => new Map([["momentum_buffer", value]]);
      load(new Map([[0, buffer(tensor([5, 5]))]]))();
      expect(load(new Map(), [0, 1])).toThrow("the optimizer's state is for groups of 2 parameters, not 1");
      expect(load(new Map([[0, buffer(tensor([1]))]]))).toThrow("momentum_buffer of parameter 0 is [1], the parameter [2]");
      expect(load(new Map([[3, buffer(tensor([1]))]]))).toThrow("the optimizer's state names parameter 3, which does not exist");
      expect(load("nothing")).toThrow("this is not the state of an optimizer");
      const state = optimizer.stateDict().get("state") as Map<number, Map<string, Tensor>>;
      expect(numbers(state.get(0)!.get("momentum_buffer")!)).toEqual([5, 5]);
    });
  });
});

describe("clipGradNorm", () => {
  test("leaves gradients alone that are short enough, and parameters without one", () => {
    scope(() => {
      const [a, b] = [parameter(0, 0), parameter(0)];
      expect(optim.clipGradNorm([a, b], 1)).toBe(0);
      a.grad = tensor([0.3, 0.4]);
      expect(optim.clipGradNorm([a, b], 1)).toBeCloseTo(0.5, 6);
      expect(numbers(a.grad!)).toEqual(numbers(tensor([0.3, 0.4])));
    });
  });

  test("the norm over all is the limit afterwards", () => {
    scope(() => {
      const [a, b] = [parameter(0, 0), parameter(0)];
      [a.grad, b.grad] = [tensor([3, 4]), tensor([12])];
      expect(optim.clipGradNorm([a, b], 6.5)).toBeCloseTo(13, 5);
      expect([...numbers(a.grad!), ...numbers(b.grad!)].map((value) => Number(value.toFixed(4)))).toEqual([1.5, 2, 6]);
    });
  });

  test("a norm that is no number is told to the caller", () => {
    scope(() => {
      const a = parameter(0, 0);
      a.grad = tensor([Number.NaN, 1]);
      expect(optim.clipGradNorm([a], 1)).toBeNaN();
      a.grad = tensor([Number.POSITIVE_INFINITY, 1]);
      expect(optim.clipGradNorm([a], 1)).toBe(Number.POSITIVE_INFINITY);
    });
  });
});

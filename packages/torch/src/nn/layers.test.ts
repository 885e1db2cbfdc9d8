import { describe, expect, test } from "vitest";
import { autocast, defaultGenerator, nn, noGrad, ops, scope, type Tensor, tensor } from "../index.js";
import { native } from "../native.js";
import { checkGradient, expectTensor, randomTensor } from "../testing/index.js";

const random = (shape: number[], name = "x") => randomTensor(shape, { name, dtype: "float32" });
const activations: [nn.Activation, (x: Tensor) => Tensor][] = [
  ["none", (x) => x],
  ["relu", (x) => x.relu()],
  ["relu6", (x) => ops.relu6(x)],
  ["hardswish", (x) => x.hardswish()],
];

/** A batch norm whose parameters and statistics are not the trivial ones. */
function batchNorm(channels: number, activation: nn.Activation): nn.BatchNorm2d {
  const layer = new nn.BatchNorm2d(channels, { activation, momentum: 0.3 });
  nn.init.normal_(layer.weight, { mean: 1.5, std: 1 });
  nn.init.normal_(layer.bias, { std: 2 });
  layer.runningMean.uniform_({ from: -1, to: 1 });
  layer.runningVar.uniform_({ from: 0.5, to: 2 });
  return layer;
}

/** What memory that is never written would show: small blocks of many sizes hold the value, and are freed. */
const leaveInFreedMemory = (value: number) =>
  scope(() => {
    for (let size = 16; size < 1024; size += 16) for (let k = 0; k < 3; k++) ops.full([size], value);
  });

describe.each(activations)("batch norm with activation %s", (name, activation) => {
  test.each(["channelsLast", "contiguous"] as const)("is batch norm, then the activation, forward and backward (%s)", (memoryFormat) => {
    scope(() => {
      defaultGenerator.seed(1);
      const ours = batchNorm(13, name);
      const theirs = new Map([...ours.stateDict()].map(([key, value]) => [key, value.detach().clone()]));
      const step = (training: boolean) => {
        const input = random([3, 13, 5, 7]).contiguous({ memoryFormat }).detach();
        const again = input.clone({ memoryFormat: "preserve" });
        const [weight, bias] = ["weight", "bias"].map((key) => theirs.get(key)!.detach());
        for (const leaf of [input, again, weight!, bias!]) leaf.requiresGrad = true;
        const [mean, variance] = [theirs.get("running_mean")!, theirs.get("running_var")!];
        const wanted = activation(ops.batchNorm(again, weight!, bias!, mean, variance, training, 0.3, 1e-5, false));
        const found = ours.train(training).forward(input);
        const seed = random(found.shape, "seed").contiguous({ memoryFormat });
        wanted.backward({ gradient: seed });
        ours.zeroGrad();
        found.backward({ gradient: seed });
        const close = (a: Tensor, b: Tensor, what: string) =>
          expect(a.sub(b).abs().amax().item() / (1 + b.abs().amax().item()), `${what}, training ${training}`).toBeLessThan(3e-6);
        close(found, wanted, "output");
        close(input.grad!, again.grad!, "gradient of the input");
        close(ours.weight.grad!, weight!.grad!, "gradient of the weight");
        close(ours.bias.grad!, bias!.grad!, "gradient of the bias");
        close(ours.runningMean, mean, "running mean");
        close(ours.runningVar, variance, "running variance");
        if (memoryFormat === "channelsLast") expect(found.isContiguous("channelsLast")).toBe(true);
      };
      step(true);
      step(false);
      expect(ours.numBatchesTracked.item()).toBe(1);
    });
  });

  test("under autocast it takes and gives bfloat16 and keeps its statistics in float32", () => {
    scope(() => {
      const layer = batchNorm(8, name);
      const input = random([2, 8, 6, 6]).contiguous({ memoryFormat: "channelsLast" });
      const exact = layer.eval().forward(input);
      const output = autocast({}, () => layer.forward(input.to("bfloat16")));
      expect(output.dtype).toBe("bfloat16");
      expect(output.to("float32").sub(exact).abs().amax().item()).toBeLessThan(0.05 * (1 + exact.abs().amax().item()));
      expect(layer.runningMean.dtype).toBe("float32");
    });
  });
});

describe("batch norm", () => {
  test("in float64 its gradient agrees with finite differences", () => {
    scope(() => {
      const layer = batchNorm(3, "hardswish").to({ dtype: "float64" });
      checkGradient((x) => layer.forward(x), randomTensor([2, 3, 2, 2]));
    });
  });

  test("statistics of another length or type than the channels are refused", () => {
    scope(() => {
      const op = native.op("singleshot::batch_norm_activation", "");
      const input = random([2, 64, 3, 3]).contiguous({ memoryFormat: "channelsLast" });
      const call = (shape: number[], dtype: "float32" | "float64") => {
        const [good, bad] = [ops.ones([64]), ops.ones(shape, { dtype })];
        return () => native.call(op, input.handle, good.handle, good.handle, bad.handle, bad.handle, true, 0.1, 1e-5, "relu");
      };
      const message =
        "singleshot::batch_norm_activation: weight, bias, mean and variance must have one float32 for each of the 64 channels";
      expect(call([1], "float32")).toThrow(message);
      expect(call([63], "float32")).toThrow(message);
      expect(call([64], "float64")).toThrow(message);
    });
  });

  test.each(["float32", "float64"] as const)(
    "one value a channel is normalised by the running statistics, which stay as they are (%s)",
    (dtype) => {
      scope(() => {
        const layer = new nn.BatchNorm2d(2, { eps: 0 }).to({ dtype });
        noGrad(() => layer.runningVar.fill_(4));
        const input = tensor([6, -6], { shape: [1, 2, 1, 1], dtype })
          .contiguous({ memoryFormat: "channelsLast" })
          .detach();
        input.requiresGrad = true;
        const output = layer.forward(input);
        output.sum().backward();
        expect([...output.toTypedArray()]).toEqual([3, -3]);
        expect([...input.grad!.toTypedArray()]).toEqual([0.5, 0.5]);
        expect([...layer.runningMean.toTypedArray(), ...layer.runningVar.toTypedArray()]).toEqual([0, 0, 4, 4]);
      });
    },
  );
});

describe("layers give what their operator gives", () => {
  test("Conv2d: stride, padding, groups, dilation, no bias", () => {
    scope(() => {
      const layer = new nn.Conv2d(4, 6, [3, 1], { stride: 2, padding: [1, 0], groups: 2, bias: false });
      const input = random([1, 4, 7, 5]);
      expect(layer.weight.shape).toEqual([6, 2, 3, 1]);
      expect(layer.forward(input).equal(ops.conv2d(input, layer.weight, { stride: 2, padding: [1, 0], groups: 2 }))).toBe(true);
      expect([...layer.stateDict().keys()]).toEqual(["weight"]);
    });
  });

  test.each([
    [3, 2, [1, 1], 1],
    [3, 2, [1, 1], 16],
    [5, 2, [6, 1], 1],
    [3, 3, [5, 2], 1],
  ] as const)("under autocast a convolution of %i by steps of %i on a map of %j, in %i groups, has the gradients of float32", (...row) => {
    const [kernel, stride, size, groups] = row;
    scope(() => {
      defaultGenerator.seed(1);
      const layer = new nn.Conv2d(16, 16, kernel, { stride, padding: (kernel - 1) / 2, groups, bias: false });
      const input = random([4, 16, ...size]);
      const gradient = (enabled: boolean) => {
        layer.zeroGrad();
        const loss = autocast({ enabled }, () => layer.forward(input))
          .to("float32")
          .square()
          .sum();
        leaveInFreedMemory(Number.NaN);
        loss.backward();
        return layer.weight.grad!.clone();
      };
      const [wanted, found] = [gradient(false), gradient(true)];
      expect(found.sub(wanted).abs().amax().item() / wanted.abs().amax().item()).toBeLessThan(0.03);
    });
  });

  test("group norm takes bfloat16 under autocast, and says what it says of the same numbers in float32", () => {
    scope(() => {
      const layer = new nn.GroupNorm(2, 4);
      const input = random([2, 4, 3, 3]).to("bfloat16");
      input.requiresGrad = true;
      const output = autocast({}, () => layer.forward(input)).to("float32");
      expect(
        output
          .sub(layer.forward(input.to("float32")))
          .abs()
          .amax()
          .item(),
      ).toBeLessThan(0.03);
      output.square().sum().backward();
      expect(input.grad!.isfinite().all().item()).toBe(true);
    });
  });

  test("pooling, activations, Linear, GroupNorm", () => {
    scope(() => {
      const x = tensor([1, -2, 3, 8, 5, 6, -7, 9]).reshape([1, 1, 2, 4]);
      expectTensor(nn.maxPool2d(2).forward(x), [[[[6, 9]]]]);
      expectTensor(nn.avgPool2d(2).forward(x), [[[[2.5, 3.25]]]]);
      expectTensor(nn.adaptiveAvgPool2d(1).forward(x), [[[[2.875]]]]);
      expectTensor(nn.maxPool2d(2, { stride: 1, padding: 1 }).forward(x).select(2, 0), [[[1, 1, 3, 8, 8]]]);
      expectTensor(nn.relu6().forward(x).flatten(), [1, 0, 3, 6, 5, 6, 0, 6]);
      expectTensor(nn.identity().forward(x).select(2, 0), [[[1, -2, 3, 8]]]);
      expectTensor(nn.hardsigmoid().forward(tensor([-4, 0, 4])), [0, 0.5, 1]);
      const linear = new nn.Linear(2, 1);
      linear.loadStateDict(
        new Map([
          ["weight", tensor([[2, 3]])],
          ["bias", tensor([1])],
        ]),
      );
      expectTensor(linear.forward(tensor([[1, 10]])), [[33]]);
      const norm = new nn.GroupNorm(1, 2).forward(random([2, 2, 3, 3]));
      expect(norm.mean([1, 2, 3]).abs().amax().item()).toBeLessThan(1e-6);
    });
  });

  test("dropout zeroes a share while training and nothing afterwards", () => {
    scope(() => {
      defaultGenerator.seed(2);
      const layer = new nn.Dropout(0.25);
      const ones = ops.ones([10_000]);
      const output = layer.forward(ones);
      expect(output.eq(0).to("float32").mean().item()).toBeCloseTo(0.25, 1.5);
      expect(output.amax().item()).toBeCloseTo(1 / 0.75, 6);
      expect(layer.eval().forward(ones)).toBe(ones);
    });
  });

  test("relu6 trains in bfloat16 on every libtorch", () => {
    scope(() => {
      const x = tensor([-1, 0, 3, 7]).to("bfloat16");
      x.requiresGrad = true;
      autocast({}, () => nn.relu6().forward(x))
        .sum()
        .backward();
      expectTensor(x.grad!.to("float32"), [0, 0, 1, 0]);
    });
  });
});

describe("frozen batch norm", () => {
  /** The same weights and statistics as an ordinary one has. */
  function frozenLike(layer: nn.BatchNorm2d, activation: nn.Activation): nn.FrozenBatchNorm2d {
    const frozen = new nn.FrozenBatchNorm2d(layer.channels, { activation });
    frozen.loadStateDict(layer.stateDict());
    return frozen;
  }

  test.each(["channelsLast", "contiguous"] as const)(
    "is batch norm in evaluation, forward and backward, in training too (%s)",
    (memoryFormat) => {
      scope(() => {
        defaultGenerator.seed(4);
        const ordinary = batchNorm(13, "relu").eval();
        const frozen = frozenLike(ordinary, "relu").train();
        const [input, again] = [0, 1].map(() => random([3, 13, 5, 7]).contiguous({ memoryFormat }).detach());
        for (const leaf of [input!, again!]) leaf.requiresGrad = true;
        const [ours, theirs] = [frozen.forward(input!), ordinary.forward(again!)];
        expect(ours.equal(theirs)).toBe(true);
        const seed = random(ours.shape, "seed").contiguous({ memoryFormat });
        for (const output of [ours, theirs]) output.backward({ gradient: seed });
        expect(input!.grad!.sub(again!.grad!).abs().amax().item()).toBeLessThan(1e-6);
        expect(frozen.runningMean.equal(ordinary.runningMean)).toBe(true);
      });
    },
  );

  test("its keys are torchvision's, it has no parameters, and a counter of batches in a state dict is left out", () => {
    scope(() => {
      const frozen = new nn.FrozenBatchNorm2d(3);
      expect([...frozen.stateDict().keys()]).toEqual(["weight", "bias", "running_mean", "running_var"]);
      expect(frozen.parameters().size).toBe(0);
      const net = new nn.Sequential([frozen]);
      const state = new Map([...new nn.Sequential([new nn.BatchNorm2d(3)]).stateDict(), ["0.gamma", ops.ones([3])] as const]);
      expect(() => net.loadStateDict(state)).toThrow("the state dict does not fit: unexpected 0.gamma");
      state.delete("0.gamma");
      expect(net.loadStateDict(state)).toEqual({ missing: [], unexpected: [] });
    });
  });

  test("eps may be set to 0 afterwards", () => {
    scope(() => {
      const frozen = new nn.FrozenBatchNorm2d(1, { eps: 1 });
      const input = tensor([3], { shape: [1, 1, 1, 1] });
      const before = frozen.forward(input).item();
      frozen.eps = 0;
      expect([before, frozen.forward(input).item()]).toEqual([expect.closeTo(3 / Math.SQRT2, 5), 3]);
    });
  });

  test("in float64 its gradient agrees with finite differences", () => {
    scope(() => {
      const frozen = frozenLike(batchNorm(3, "hardswish"), "hardswish").to({ dtype: "float64" });
      checkGradient((x) => frozen.forward(x), randomTensor([2, 3, 2, 2]));
    });
  });
});

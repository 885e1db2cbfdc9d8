import { describe, expect, test } from "vitest";
import { keep, liveTensors, nn, ops, scope, type Tensor, tensor } from "../index.js";
import { runChild } from "../testing/index.js";

class Block extends nn.Module {
  convA = new nn.Conv2d(3, 4, 1, { bias: false });
  batchNorm2 = new nn.BatchNorm2d(4);
}

class Net extends nn.Module {
  features = new nn.Sequential([new nn.Conv2d(3, 3, 3), nn.relu(), new nn.Linear(2, 2)]);
  extraBlocks = [new Block(), new Block()];
  classificationHead = new nn.Linear(4, 2);
  anchorScale = new nn.Parameter(ops.ones([2]), { requiresGrad: false });
  notes = ["no module", { weight: 1 }];
  offsets = new nn.Buffer(ops.zeros([2], { dtype: "int64" }));
}

describe("state dict", () => {
  test("keys are PyTorch's: fields in snake case, lists by number, in the order of the fields", () => {
    const net = new Net();
    const block = (i: number) => [
      `extra_blocks.${i}.conv_a.weight`,
      ...["weight", "bias", "running_mean", "running_var", "num_batches_tracked"].map((name) => `extra_blocks.${i}.batch_norm2.${name}`),
    ];
    expect([...net.stateDict().keys()]).toEqual([
      "anchor_scale",
      "offsets",
      "features.0.weight",
      "features.0.bias",
      "features.2.weight",
      "features.2.bias",
      ...block(0),
      ...block(1),
      "classification_head.weight",
      "classification_head.bias",
    ]);
    expect([...net.parameters().keys()].filter((key) => /running|offsets|tracked/.test(key))).toEqual([]);
    expect([...net.modules()].map(([key]) => key)).toContain("extra_blocks.1.batch_norm2");
  });

  test("a Sequential with names keeps the numbers of the whole network", () => {
    const slice = new nn.Sequential({ "24": new nn.Linear(1, 1), "26": nn.relu(), "28": new nn.Linear(1, 1) });
    expect([...slice.stateDict().keys()]).toEqual(["24.weight", "24.bias", "28.weight", "28.bias"]);
    slice.dispose();
  });

  test("the counter of batches may be missing, as in old files, and then stays; a running mean may not", () => {
    scope(() => {
      const norm = new nn.BatchNorm2d(2);
      norm.numBatchesTracked.add_(3);
      const old = new Map<string, Tensor>([...norm.stateDict()].filter(([key]) => key !== "num_batches_tracked"));
      expect(norm.loadStateDict(old)).toEqual({ missing: [], unexpected: [] });
      expect(norm.numBatchesTracked.item()).toBe(3);
      old.delete("running_mean");
      expect(() => norm.loadStateDict(old)).toThrow("the state dict does not fit: missing running_mean");
    });
  });

  test("loading copies values into the module's own tensors and keeps who trains", () => {
    scope(() => {
      const [from, to] = [new nn.Linear(2, 3), new nn.Linear(2, 3)];
      const { handle } = to.weight;
      expect(to.loadStateDict(from.stateDict())).toEqual({ missing: [], unexpected: [] });
      expect(to.weight.handle).toBe(handle);
      expect(to.weight.requiresGrad).toBe(true);
      expect(to.weight.equal(from.weight)).toBe(true);
      from.weight.detach().zero_();
      expect(to.weight.equal(from.weight)).toBe(false);
    });
  });

  test("a state dict that does not fit is refused by name, and nothing has changed", () => {
    scope(() => {
      const layer = new nn.Linear(2, 3);
      const before = [...layer.weight.toTypedArray()];
      const load = (state: Record<string, Tensor>, strict = true) => layer.loadStateDict(new Map(Object.entries(state)), { strict });
      const [weight, bias] = [ops.zeros([3, 2]), ops.zeros([3])];
      expect(() => load({ weight })).toThrow("the state dict does not fit: missing bias");
      expect(() => load({ weight, bias, scale: bias })).toThrow("the state dict does not fit: unexpected scale");
      expect(() => load({ weigth: weight, bias })).toThrow("the state dict does not fit: missing weight; unexpected weigth");
      expect(() => load({ weight: bias, bias })).toThrow("weight is [3], the network needs [3, 2]");
      expect(() => load({ weight, bias: ops.zeros([2]) })).toThrow("bias is [2], the network needs [3]");
      const many = Object.fromEntries(["a", "b", "c", "d", "e", "f", "g"].map((key) => [key, bias]));
      expect(() => load({ weight, bias, ...many })).toThrow("the state dict does not fit: unexpected a, b, c, d, e and 2 more");
      expect([...layer.weight.toTypedArray()]).toEqual(before);
      expect(load({ bias, scale: bias }, false)).toEqual({ missing: ["weight"], unexpected: ["scale"] });
      expect([...layer.bias!.toTypedArray()]).toEqual([0, 0, 0]);
    });
  });

  test("values of another type are converted", () => {
    scope(() => {
      const layer = new nn.Linear(1, 2);
      layer.loadStateDict(
        new Map([
          ["weight", tensor([[1], [2]], { dtype: "float64" })],
          ["bias", tensor([3, 4], { dtype: "int64" })],
        ]),
      );
      expect([layer.weight.dtype, ...layer.weight.toTypedArray(), ...layer.bias!.toTypedArray()]).toEqual(["float32", 1, 2, 3, 4]);
    });
  });
});

describe("to", () => {
  test("changes floating-point tensors and leaves counters; values, names and who trains stay", () => {
    scope(() => {
      const block = new Block();
      block.batchNorm2.weight.requiresGrad = false;
      const sum = block.convA.weight.sum().item();
      expect(block.to({ dtype: "float64" })).toBe(block);
      expect([...block.stateDict().values()].map(({ dtype }) => dtype)).toEqual([...new Array(5).fill("float64"), "int64"]);
      expect([...block.parameters().values()].map(({ requiresGrad }) => requiresGrad)).toEqual([true, false, true]);
      expect(block.convA.weight.sum().item()).toBeCloseTo(sum, 6);
      ops
        .conv2d(ops.ones([1, 3, 2, 2], { dtype: "float64" }), block.convA.weight)
        .sum()
        .backward();
      expect(block.convA.weight.grad!.dtype).toBe("float64");
    });
  });

  test("channels-last is kept by weights, and results follow", () => {
    scope(() => {
      const layer = new nn.Conv2d(3, 4, 3);
      const input = ops.ones([2, 3, 5, 5]);
      const before = [...layer.forward(input).toTypedArray()];
      layer.to({ format: "channelsLast" });
      expect(layer.weight.isContiguous("channelsLast")).toBe(true);
      expect(layer.weight.shape).toEqual([4, 3, 3, 3]);
      const after = layer.forward(input.contiguous({ memoryFormat: "channelsLast" }));
      expect(after.isContiguous("channelsLast")).toBe(true);
      for (const [i, value] of after.toTypedArray().entries()) expect(value).toBeCloseTo(before[i]!, 5);
      layer.to({ format: "contiguous" });
      expect(layer.weight.isContiguous()).toBe(true);
    });
  });

  test("an alias that was taken before does not see the new memory, the field does", () => {
    scope(() => {
      const layer = new nn.Linear(1, 1);
      const parameter = layer.parameters().get("weight")!;
      layer.to({ dtype: "float64" });
      expect(parameter).toBe(layer.weight);
      expect(parameter.dtype).toBe("float64");
    });
  });
});

describe("modes", () => {
  test("train and eval reach every module below", () => {
    const net = new Net();
    expect(net.eval().extraBlocks[1]!.batchNorm2.training).toBe(false);
    expect(net.train().extraBlocks[1]!.batchNorm2.training).toBe(true);
    net.dispose();
  });

  test("zeroGrad clears gradients, and a frozen parameter never has one", () => {
    scope(() => {
      const layer = new nn.Linear(2, 1);
      layer.bias!.requiresGrad = false;
      layer
        .forward(ops.ones([1, 2]))
        .sum()
        .backward();
      expect([layer.weight.grad === null, layer.bias!.grad === null]).toEqual([false, true]);
      layer.zeroGrad();
      expect(layer.weight.grad).toBe(null);
    });
  });
});

describe("memory", () => {
  test("a module made in a scope outlives it, and dispose frees all of it", () => {
    const before = liveTensors();
    const net = scope(() => new Net());
    expect(liveTensors() - before).toBe(net.stateDict().size);
    net.to({ dtype: "float64" }).to({ format: "channelsLast" });
    expect(liveTensors() - before).toBe(net.stateDict().size);
    net.dispose();
    expect(liveTensors()).toBe(before);
  });

  test("a parameter shares memory with the tensor it was made from", () => {
    scope(() => {
      const data = ops.zeros([2]);
      const parameter = new nn.Parameter(data, { requiresGrad: false });
      data.fill_(3);
      expect([...parameter.toTypedArray()]).toEqual([3, 3]);
    });
  });

  test("a module that nobody holds is collected, also after it was converted", async () => {
    const { stdout } = await runChild(
      `const { liveTensors, nn, scope } = torch;
       (() => scope(() => {
         for (let i = 0; i < 20; i++) new nn.Conv2d(3, 4, 3).to({ dtype: "float64" }).to({ format: "channelsLast" });
       }))();
       const before = liveTensors();
       for (let i = 0; i < 20 && liveTensors() > 0; i++) {
         gc();
         await new Promise((resolve) => setImmediate(resolve));
       }
       console.log(before, liveTensors());`,
      { flags: ["--expose-gc"] },
    );
    expect(stdout).toBe("40 0\n");
  });

  test("kept tensors of a module are not freed by a scope that used it", () => {
    const layer = new nn.Linear(1, 1);
    const output = scope(() => keep(layer.forward(ops.ones([1, 1]))));
    expect(output.requiresGrad).toBe(true);
    output.dispose();
    layer.dispose();
  });
});

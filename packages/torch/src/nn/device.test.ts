import { expectClose } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { defaultGenerator, nn, ops, scope, type Tensor, tensor, toDevice } from "../index.js";
import { hostReads, randomTensor, simulatedDevice } from "../testing/index.js";

const device = simulatedDevice();
const close = { rtol: 1e-5, atol: 1e-6 };

const picture = [2, 6, 9, 7];
const layers: [name: string, make: () => nn.Layer, shape: number[]][] = [
  ["Conv2d", () => new nn.Conv2d(6, 4, [3, 2], { stride: 2, padding: 1, dilation: [1, 2] }), picture],
  ["Conv2d, depthwise without bias", () => new nn.Conv2d(6, 6, 3, { groups: 6, bias: false }), picture],
  ["BatchNorm2d", () => new nn.BatchNorm2d(6, { momentum: 0.3 }), picture],
  ["BatchNorm2d with relu", () => new nn.BatchNorm2d(6, { activation: "relu" }), picture],
  ["BatchNorm2d with relu6", () => new nn.BatchNorm2d(6, { activation: "relu6" }), picture],
  ["BatchNorm2d with hardswish", () => new nn.BatchNorm2d(6, { activation: "hardswish" }), picture],
  ["BatchNorm2d of one value a channel", () => new nn.BatchNorm2d(6), [1, 6, 1, 1]],
  ["FrozenBatchNorm2d", () => new nn.FrozenBatchNorm2d(6, { activation: "relu" }), picture],
  ["GroupNorm", () => new nn.GroupNorm(3, 6), picture],
  ["Linear", () => new nn.Linear(7, 3), picture],
  ["maxPool2d", () => nn.maxPool2d(3, { stride: 2, padding: 1, ceilMode: true }), picture],
  ["avgPool2d", () => nn.avgPool2d(2), picture],
  ["adaptiveAvgPool2d", () => nn.adaptiveAvgPool2d([2, 3]), picture],
  ["Dropout", () => new nn.Dropout(0.3), picture],
  ["relu", nn.relu, picture],
  ["relu6", nn.relu6, picture],
  ["hardswish", nn.hardswish, picture],
  ["hardsigmoid", nn.hardsigmoid, picture],
  ["silu", nn.silu, picture],
];

/** What a training step leaves behind: the output, every gradient, every buffer. */
function stepOn(place: string, make: () => nn.Layer, shape: number[], format: "channelsLast" | "contiguous"): Map<string, number[]> {
  defaultGenerator.seed(3);
  const layer = make().to({ format }).to({ device: place });
  const laid = (name: string, sides: number[]) =>
    randomTensor(sides, { name, dtype: "float32" }).mul(4).contiguous({ memoryFormat: format });
  const input = toDevice(laid("input", shape), place).detach();
  input.requiresGrad = true;
  const output = layer.forward(input);
  output.backward({ gradient: toDevice(laid("seed", output.shape), place) });
  const left: [string, Tensor][] = [
    ["output", output.detach()],
    ["gradient of the input", input.grad!],
  ];
  for (const [key, value] of layer.stateDict())
    left.push(value instanceof nn.Parameter ? [`gradient of ${key}`, value.grad!] : [key, value]);
  for (const [key, value] of left) expect(value.device, key).toBe(place);
  return new Map(left.map(([key, value]) => [key, [...value.to("float32").toTypedArray()]]));
}

describe.each(["channelsLast", "contiguous"] as const)(
  "on a device a layer gives the CPU's numbers, forward and backward (%s)",
  (format) => {
    test.each(layers)("%s", (_, make, shape) => {
      scope(() => {
        const [here, there] = ["cpu", device].map((place) => stepOn(place, make, shape, format));
        expect([...there!.keys()]).toEqual([...here!.keys()]);
        for (const [key, values] of here!) expectClose(there!.get(key)!, values, { ...close, name: key });
      });
    });
  },
);

class Net extends nn.Module {
  conv = new nn.Conv2d(3, 4, 3);
  norm = new nn.BatchNorm2d(4, { activation: "relu" });
  head = new nn.Linear(4, 2);
  scale = new nn.Parameter(ops.ones([2]), { requiresGrad: false });

  forward(input: Tensor): Tensor {
    return this.head.forward(this.norm.forward(this.conv.forward(input)).mean([2, 3])).mul(this.scale);
  }
}

describe("a module that goes to a device", () => {
  test("keeps its keys, what is trained, values and layout, and is the same objects still", () => {
    scope(() => {
      const net = new Net().to({ format: "channelsLast" });
      const facts = () =>
        [...net.stateDict()].map(([key, value]) => [
          key,
          value.requiresGrad,
          value.isContiguous("channelsLast"),
          [...value.toTypedArray()],
        ]);
      const [before, weight] = [facts(), net.conv.weight];
      net.to({ device });
      expect(net.device).toBe(device);
      expect(new Set([...net.stateDict().values()].map((value) => value.device))).toEqual(new Set([device]));
      expect(facts()).toEqual(before);
      expect(net.conv.weight).toBe(weight);
      expect(net.to({ device: "cpu" }).device).toBe("cpu");
      expect(facts()).toEqual(before);
    });
  });

  test("takes a state dict from the CPU and gives one to it", () => {
    scope(() => {
      const [here, there] = [new Net(), new Net().to({ device })];
      const values = ({ conv }: Net) => [...conv.weight.toTypedArray()];
      expect(values(there)).not.toEqual(values(here));
      there.loadStateDict(here.stateDict());
      expect(values(there)).toEqual(values(here));
      expect([there.device, there.conv.weight.requiresGrad]).toEqual([device, true]);
      const again = new Net();
      again.loadStateDict(there.stateDict());
      expect([values(again), again.device]).toEqual([values(here), "cpu"]);
    });
  });

  test("keeps channels-last from layer to layer", () => {
    scope(() => {
      const body = new nn.Sequential([new nn.Conv2d(3, 4, 3), new nn.BatchNorm2d(4, { activation: "relu6" }), nn.maxPool2d(2)]);
      body.to({ device, format: "channelsLast" });
      const images = toDevice(ops.zeros([2, 3, 9, 9]).contiguous({ memoryFormat: "channelsLast" }), device);
      expect(body.forward(images).isContiguous("channelsLast")).toBe(true);
    });
  });

  test("trains without waiting for the device", () => {
    scope(() => {
      const net = new Net().to({ device });
      const images = toDevice(randomTensor([2, 3, 8, 8], { dtype: "float32" }), device);
      const labels = tensor([0, 1], { dtype: "int64", device });
      const before = hostReads();
      ops.crossEntropyLoss(net.forward(images), labels).backward();
      net.zeroGrad();
      expect(hostReads() - before).toBe(0);
    });
  });

  test("refuses a picture of the CPU", () => {
    scope(() => {
      const net = new Net().to({ device });
      expect(() => net.forward(randomTensor([2, 3, 8, 8], { dtype: "float32" }))).toThrow(
        /^aten::conv2d: Input type \(CPUFloatType\) and weight type .* should be the same/,
      );
    });
  });
});

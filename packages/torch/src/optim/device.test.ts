import { expectClose } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { nn, noGrad, optim, scope, type Tensor, toDevice } from "../index.js";
import { hostReads, randomTensor, simulatedDevice } from "../testing/index.js";

const device = simulatedDevice();
const close = { rtol: 1e-6, atol: 1e-7 };

const kinds: [name: string, make: (groups: readonly optim.ParameterGroup[]) => optim.Optimizer][] = [
  ["SGD", (groups) => new optim.SGD(groups, { learningRate: 0.1, weightDecay: 0.01 })],
  ["SGD with momentum", (groups) => new optim.SGD(groups, { learningRate: 0.1, momentum: 0.9 })],
  ["SGD with Nesterov", (groups) => new optim.SGD(groups, { learningRate: 0.1, momentum: 0.9, nesterov: true })],
  ["AdamW", (groups) => new optim.AdamW(groups, { learningRate: 0.1, weightDecay: 0.1 })],
];

const values = (tensor: Tensor) => [...tensor.toTypedArray()];
const random = (name: string, shape: readonly number[]) => randomTensor(shape, { name, dtype: "float32" });

class Net extends nn.Module {
  conv = new nn.Conv2d(2, 4, 3);
  norm = new nn.BatchNorm2d(4);

  /** The same start on every device. */
  constructor(place: string) {
    super();
    noGrad(() =>
      scope(() => this.stateDict().forEach((value, key) => void (value.dtype === "float32" && value.copy_(random(key, value.shape))))),
    );
    this.to({ format: "channelsLast" }).to({ device: place });
  }

  /** Gradients that belong to the step. */
  differentiate(step: number): void {
    for (const [key, parameter] of this.parameters())
      parameter.grad = toDevice(
        random(`${key} ${step}`, parameter.shape)
          .mul(3)
          .contiguous({ memoryFormat: format(parameter) }),
        parameter.device,
      );
  }
}
const format = ({ shape }: Tensor) => (shape.length === 4 ? "channelsLast" : "contiguous");

function expectSame(ours: nn.Module, theirs: nn.Module, name: string): void {
  const wanted = theirs.stateDict();
  for (const [key, value] of ours.stateDict())
    expectClose(values(value.to("float32")), values(wanted.get(key)!.to("float32")), { ...close, name: `${name}, ${key}` });
}

describe.each(kinds)("%s on a device", (_, make) => {
  const optimizerOf = (net: Net) => make([{ parameters: net.parameters().values() }]);

  test("takes the CPU's steps, and does not wait for it", () => {
    scope(() => {
      const [here, there] = [new Net("cpu"), new Net(device)];
      const [ours, theirs] = [optimizerOf(there), optimizerOf(here)];
      for (let step = 0; step < 4; step++) {
        here.differentiate(step);
        there.differentiate(step);
        const before = hostReads();
        ours.step();
        expect(hostReads() - before).toBe(0);
        theirs.step();
        expectSame(there, here, `step ${step}`);
      }
      for (const [name, state] of ours.tensors()) expect(state.device, name).toBe(device);
    });
  });

  test.each([
    ["the device", device, device],
    ["the CPU", "cpu", device],
    ["the device, on the CPU,", device, "cpu"],
  ])("goes on from a state of %s as if never stopped", (_, from, to) => {
    scope(() => {
      const [whole, part, next] = [new Net(to), new Net(from), new Net(to)];
      const [undisturbed, before, after] = [whole, part, next].map(optimizerOf);
      const advance = (net: Net, optimizer: optim.Optimizer, steps: readonly number[]) => {
        for (const step of steps) {
          net.differentiate(step);
          optimizer.step();
        }
      };
      advance(whole, undisturbed!, [0, 1, 2, 3]);
      advance(part, before!, [0, 1]);
      next.loadStateDict(part.stateDict());
      after!.loadStateDict(before!.stateDict());
      for (const [name, state] of after!.tensors()) expect(state.device, name).toBe(to);
      advance(next, after!, [2, 3]);
      expectSame(next, whole, "resumed");
    });
  });
});

test("a moving average on a device gives the CPU's, swaps, and goes on from the CPU's state", () => {
  scope(() => {
    const [here, there] = [new Net("cpu"), new Net(device)];
    const [theirs, ours] = [here, there].map((net) => new optim.ExponentialMovingAverage(net, { decay: 0.9 }));
    const advance = (net: Net, average: optim.ExponentialMovingAverage, step: number) => {
      noGrad(() => net.conv.weight.add_(step));
      net.norm.numBatchesTracked.add_(1);
      average.update();
    };
    for (let step = 1; step < 4; step++) {
      advance(here, theirs!, step);
      const before = hostReads();
      advance(there, ours!, step);
      expect(hostReads() - before).toBe(0);
    }
    const resumed = new optim.ExponentialMovingAverage(there, { decay: 0.9 });
    resumed.loadStateDict(theirs!.stateDict(), 3);
    for (const [key, value] of resumed.stateDict()) {
      expect(value.device).toBe(device);
      expectClose(values(ours!.stateDict().get(key)!), values(value), close);
    }
    ours!.swap();
    theirs!.swap();
    expectSame(there, here, "average");
  });
});

test("clipping on a device gives the CPU's norm and gradients, and waits once", () => {
  scope(() => {
    const [here, there] = [new Net("cpu"), new Net(device)];
    for (const net of [here, there]) net.differentiate(0);
    const before = hostReads();
    const norm = optim.clipGradNorm(there.parameters().values(), 1);
    expect(hostReads() - before).toBe(1);
    expectClose([norm], [optim.clipGradNorm(here.parameters().values(), 1)], close);
    const wanted = here.parameters();
    for (const [key, { grad }] of there.parameters()) expectClose(values(grad!), values(wanted.get(key)!.grad!), { ...close, name: key });
  });
});

test("a gradient scaler on a device scales a loss and gives gradients their size back", () => {
  scope(() => {
    const net = new Net(device);
    const scaler = new optim.GradScaler({ initialScale: 1024 });
    const before = hostReads();
    scaler.scale(net.conv.weight.square().sum()).backward();
    scaler.unscale(net.parameters().values());
    expect(hostReads() - before).toBe(0);
    expectClose(values(net.conv.weight.grad!), values(net.conv.weight.detach().mul(2)), close);
    scaler.update(true);
  });
});

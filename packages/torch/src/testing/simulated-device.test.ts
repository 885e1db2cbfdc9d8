import { describe, expect, test } from "vitest";
import { bytesPerElement, type DType } from "../dtype.js";
import { defaultGenerator, fromBuffer, ops, scope, type Tensor, tensor, toDevice } from "../index.js";
import { expectTensor, hostReads, printed, runChild, simulatedDevice } from "./index.js";

const device = simulatedDevice();

describe("tensors go to the device and come back", () => {
  test.each(Object.keys(bytesPerElement) as DType[])("of %s", (dtype) => {
    scope(() => {
      const here = tensor([0, 1, 1, 1, 0, 1], { shape: [2, 3], dtype });
      const there = toDevice(here, device);
      expect([there.device, there.dtype, there.shape]).toEqual([device, dtype, [2, 3]]);
      expect([...toDevice(there, "cpu").toTypedArray()]).toEqual([...here.toTypedArray()]);
    });
  });

  test("of every layout: channels-last, transposed, a part of another, without elements", () => {
    scope(() => {
      const map = ops.arange(0, 2 * 3 * 4 * 5).reshape([2, 3, 4, 5]);
      const layouts: Tensor[] = [
        map.contiguous({ memoryFormat: "channelsLast" }),
        map.transpose(0, 3),
        map.narrow(3, 1, 2),
        map.narrow(0, 0, 0),
      ];
      for (const here of layouts) {
        const there = toDevice(here, device);
        expect(there.isContiguous("channelsLast")).toBe(here.isContiguous("channelsLast"));
        expect([...there.toTypedArray<"int64">()]).toEqual([...here.toTypedArray<"int64">()]);
      }
    });
  });

  test("and keep their memory: what is written through a view is seen in the whole", () => {
    scope(() => {
      const whole = ops.zeros([2, 3], { device });
      whole.narrow(1, 1, 1).fill_(5);
      whole.view([6]).narrow(0, 5, 1).add_(1);
      expectTensor(whole, [
        [0, 5, 0],
        [0, 5, 1],
      ]);
    });
  });
});

describe("as on CUDA", () => {
  const here = () =>
    tensor([
      [1, 2],
      [3, 4],
    ]);
  const there = () => toDevice(here(), device);
  const order = () => tensor([1, 0], { dtype: "int64" });
  const twoDevices = new RegExp(
    `Expected all tensors to be on the same device, but found at least two devices, (${device} and cpu|cpu and ${device})!`,
  );

  const refused: Record<string, () => unknown> = {
    "a sum of both": () => there().add(here()),
    "a sum in place": () => here().add_(there()),
    "a product of matrices": () => there().matmul(here()),
    "a convolution's weight": () => ops.conv2d(there().reshape([1, 1, 2, 2]), ops.ones([1, 1, 1, 1])),
    "a linear layer's bias": () => ops.linear(there(), there(), { bias: tensor([1, 2]) }),
    "tensors put side by side": () => ops.cat([there(), here()]),
    "an index for gather": () => there().gather(0, tensor([[0, 0]], { dtype: "int64" })),
    "an index for indexSelect": () => there().indexSelect(0, order()),
    "a choice between both": () => there().where(there().gt(1), here()),
    "labels of a loss": () => ops.crossEntropyLoss(there(), order()),
    "gradients of an optimizer": () => ops.foreachAdd_([there()], [here()]),
  };
  test.each(Object.entries(refused))("%s is refused", (_, mixture) => {
    expect(() => scope(mixture)).toThrow(twoDevices);
  });

  test("a generator of the CPU is refused", () => {
    const message = "aten::rand.generator: Expected a 'privateuseone' device type for generator but found 'cpu'";
    expect(() => ops.rand([2], defaultGenerator, { device })).toThrow(message);
  });

  test("numbers without dimensions, indices and copies may come from the CPU", () => {
    scope(() => {
      const two = ops.full([], 2);
      expectTensor(there().mul(two), [
        [2, 4],
        [6, 8],
      ]);
      expectTensor(there().maskedFill(there().gt(2), two), [
        [1, 2],
        [2, 2],
      ]);
      expectTensor(there().index([order()]), [
        [3, 4],
        [1, 2],
      ]);
      expectTensor(
        there().copy_(
          tensor([
            [5, 6],
            [7, 8],
          ]),
        ),
        [
          [5, 6],
          [7, 8],
        ],
      );
      expectTensor(here().copy_(there()), [
        [1, 2],
        [3, 4],
      ]);
    });
  });

  test("what waits for the device is counted", () => {
    const readsOf = (body: (x: Tensor) => unknown): number =>
      scope(() => {
        const x = there();
        const before = hostReads();
        body(x);
        return hostReads() - before;
      });
    expect(readsOf((x) => x.add(x).sum().mul(2))).toBe(0);
    expect(readsOf((x) => x.sum().item())).toBe(1);
    expect(readsOf((x) => x.toTypedArray())).toBe(1);
    expect(readsOf((x) => x.copy_(here()))).toBe(0);
    expect(readsOf((x) => x.gt(1).nonzero())).toBe(1);
    expect(readsOf((x) => x.index([x.gt(1)]))).toBe(1);
    expect(readsOf((x) => x.indexPut_([x.gt(1)], x.sum()))).toBe(1);
    expect(readsOf((x) => x.index([order()]))).toBe(0);
    expect(readsOf((x) => x.equal(x))).toBe(1);
  });
});

test("there are two, which keep apart: what is computed of one stays there, backward too", () => {
  scope(() => {
    const other = simulatedDevice(1);
    const x = tensor([1, 2, 3], { device: other });
    x.requiresGrad = true;
    x.mul(x)
      .add(ops.ones([3], { device: other }))
      .index([x.gt(1)])
      .sum()
      .backward();
    expect([x.grad!.device, ...x.grad!.toTypedArray()]).toEqual([other, 0, 4, 6]);
    expect(() => x.add(toDevice(x, device))).toThrow("Expected all tensors to be on the same device");
    expectTensor(toDevice(x, device).copy_(x.detach().mul(2)), [2, 4, 6]);
  });
});

test("an operator that makes its result larger gives the device more memory", () => {
  scope(() => expectTensor(ops.arange(0, 1000, { device }).sum(), 499_500));
});

test("a tensor on borrowed memory is copied, not lent", () => {
  const numbers = new Float32Array([1, 2]);
  scope(() => {
    const there = toDevice(fromBuffer(numbers), device);
    numbers[0] = 7;
    expectTensor(there, [1, 2]);
  });
});

test("a process and a worker of its own compute on it, backward too", async () => {
  const inWorker = (source: string) => `
    import { parentPort } from "node:worker_threads";
    import * as torch from ${JSON.stringify(new URL("../index.js", import.meta.url).href)};
    import { simulatedDevice } from ${JSON.stringify(new URL("./simulated-device.js", import.meta.url).href)};
    const print = (value) => parentPort.postMessage(value);
    ${source}`;
  const gradient = `
    const x = torch.tensor([1, 2, 3], { device: simulatedDevice() });
    x.requiresGrad = true;
    x.mul(x).sum().backward();
    print([x.grad.device, ...x.grad.toTypedArray()]);`;
  const source = `
    import { once } from "node:events";
    import { Worker } from "node:worker_threads";
    const url = "data:text/javascript," + encodeURIComponent(${JSON.stringify(inWorker(gradient))});
    const [first] = await once(new Worker(new URL(url)), "message");
    const print = (value) => console.log(JSON.stringify([first, value]));
    ${gradient}`;
  const result = [device, 2, 4, 6];
  expect(printed([await runChild(source)])).toEqual([[result, result]]);
});

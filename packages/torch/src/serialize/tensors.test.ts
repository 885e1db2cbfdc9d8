import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectClose } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { type DType, liveTensors, nn, ops, optim, scope, type Tensor, tensor } from "../index.js";
import { expectTensor, randomTensor } from "../testing/index.js";
import { load, loadSafetensors, type Saved, save, saveSafetensors } from "./tensors.js";
import { fileOf, temporaryFolder } from "./testing/files.js";
import { python } from "./testing/peer.js";

const folder = temporaryFolder();
const path = join(folder, "value.pth");
const entries = (value: Saved) => value as Map<string, Saved>;

/** Saves, loads, and gives the entries of what was read. */
function roundTrip(values: Record<string, Saved>): Map<string, Saved> {
  save(path, new Map(Object.entries(values)));
  return entries(load(path));
}

describe("pth", () => {
  test("tensors come back with type, shape and elements", () => {
    scope(() => {
      const dtypes: DType[] = [
        "bool",
        "uint8",
        "int8",
        "int16",
        "int32",
        "int64",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex64",
      ];
      const made = dtypes.map((dtype): [string, Tensor] => [dtype, tensor([0, 1, 1, 0, 1, 1]).to(dtype).reshape([2, 3])]);
      const all: Record<string, Tensor> = { ...Object.fromEntries(made), scalar: tensor(3), empty: ops.zeros([2, 0]) };
      const read = roundTrip(all);
      for (const [key, before] of Object.entries(all)) {
        const after = read.get(key) as Tensor;
        expect([after.dtype, after.shape, after.strides], key).toEqual([before.dtype, before.shape, before.strides]);
        expect(after.equal(before), key).toBe(true);
      }
    });
  });

  test("views of one storage share it still, and take their place in the file once", () => {
    scope(() => {
      const whole = randomTensor([1000, 10]);
      const read = roundTrip({ whole, row: whole.select(0, 3), turned: whole.permute([1, 0]), again: [whole, whole.narrow(1, 2, 3)] });
      const [base, row, turned] = ["whole", "row", "turned"].map((key) => read.get(key) as Tensor);
      expect([row!, turned!, ...(read.get("again") as Tensor[])].map(({ storage }) => storage.address)).toEqual(
        new Array(4).fill(base!.storage.address),
      );
      row!.fill_(7);
      expectTensor(turned!.select(1, 3), new Array(10).fill(7));
      expect([row!.storage.offset, turned!.strides]).toEqual([30, [1, 10]]);
    });
  });

  test("channels-last weights keep their strides", () => {
    scope(() => {
      const layer = new nn.Conv2d(3, 4, 3).to({ format: "channelsLast" });
      const read = roundTrip({ weight: layer.weight }).get("weight") as Tensor;
      expect(read.isContiguous("channelsLast")).toBe(true);
      expect(read.equal(layer.weight)).toBe(true);
      expect(read.requiresGrad).toBe(false);
    });
  });

  test("what a file holds may be written to; the file does not change", () => {
    scope(() => {
      const read = roundTrip({ x: tensor([1, 2]) }).get("x") as Tensor;
      read.add_(1);
      expectTensor(entries(load(path)).get("x") as Tensor, [1, 2]);
    });
  });

  test("the caller owns what was loaded, nothing else stays alive", () => {
    using x = tensor([1, 2, 3]);
    using y = x.narrow(0, 1, 2);
    const before = liveTensors();
    const read = roundTrip({ x, y });
    expect(liveTensors() - before).toBe(2);
    for (const value of read.values()) (value as Tensor).dispose();
    expect(liveTensors()).toBe(before);
  });

  test("two tensors lent by overlapping arrays are both whole", () => {
    scope(() => {
      const numbers = new Float32Array([1, 2, 3, 4]);
      const short = tensor(numbers.subarray(0, 2));
      const read = roundTrip({ short, long: tensor(numbers) });
      expectTensor(read.get("short") as Tensor, [1, 2]);
      expectTensor(read.get("long") as Tensor, [1, 2, 3, 4]);
    });
  });

  test("a file that is no checkpoint leaves no tensors behind", () => {
    const bad = join(folder, "bad.pth");
    writeFileSync(bad, "<html>not found</html>");
    const before = liveTensors();
    expect(() => load(bad)).toThrow(/bad\.pth/);
    expect(liveTensors()).toBe(before);
  });
});

describe("safetensors", () => {
  test("round trip, whatever the strides, with metadata", () => {
    scope(() => {
      const file = join(folder, "value.safetensors");
      const x = randomTensor([2, 3, 4, 4], { dtype: "float32" });
      const given = new Map(
        Object.entries({ last: x.contiguous({ memoryFormat: "channelsLast" }), turned: x.permute([3, 2, 1, 0]), part: x.select(0, 1) }),
      );
      const before = liveTensors();
      saveSafetensors(file, given, new Map([["format", "pt"]]));
      expect(liveTensors()).toBe(before);
      const { tensors, metadata } = loadSafetensors(file);
      expect(metadata).toEqual(new Map([["format", "pt"]]));
      for (const [key, tensor] of tensors) expect(tensor.equal(given.get(key)!), key).toBe(true);
      expect([...tensors.keys()].sort()).toEqual([...given.keys()].sort());
      const read = load(file) as Map<string, Tensor>; // as any other model file
      for (const [key, tensor] of tensors) expect(tensor.equal(read.get(key)!), key).toBe(true);
      for (const tensor of [...tensors.values(), ...read.values()]) tensor.dispose();
    });
  });
});

class Net extends nn.Module {
  // no bias before the batch norm: its gradient is rounding noise, which AdamW would make as large as any other
  body = new nn.Sequential([new nn.Conv2d(3, 4, 3, { bias: false }), new nn.BatchNorm2d(4), nn.hardswish()]);
  head = new nn.Linear(4 * 4 * 4, 2);
  forward(images: Tensor): Tensor {
    return this.head.forward(this.body.forward(images).flatten({ startDim: 1 }));
  }
}

const optimizers: Record<string, (net: nn.Module) => optim.Optimizer> = {
  SGD: (net) =>
    new optim.SGD([{ parameters: net.parameters().values() }], { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  AdamW: (net) => new optim.AdamW([{ parameters: net.parameters().values() }], { learningRate: 0.01, weightDecay: 0.05 }),
};

/** One step on the mean square of the outputs; gives the outputs. */
function trainStep(net: Net, optimizer: optim.Optimizer, images: Tensor): Tensor {
  net.zeroGrad();
  const outputs = net.forward(images);
  outputs.square().mean().backward();
  optimizer.step();
  return outputs.detach();
}

describe.each(Object.keys(optimizers))("a training with %s", (kind) => {
  const images = randomTensor([2, 3, 6, 6], { dtype: "float32" });
  const make = () => {
    const net = new Net().to({ format: "channelsLast" });
    return { net, optimizer: optimizers[kind]!(net) };
  };

  test("goes on from a file as if it had never stopped", () => {
    scope(() => {
      const [first, second] = [make(), make()];
      trainStep(first.net, first.optimizer, images);
      const read = roundTrip({ model: first.net.stateDict(), optimizer: first.optimizer.stateDict() });
      second.net.loadStateDict(read.get("model") as Map<string, Tensor>);
      second.optimizer.loadStateDict(read.get("optimizer") as optim.OptimizerState);
      const outputs = [first, second].map(({ net, optimizer }) => [...trainStep(net, optimizer, images).toTypedArray()]);
      expect(outputs[1]).toEqual(outputs[0]);
      for (const [key, value] of first.net.stateDict()) expect(second.net.stateDict().get(key)!.equal(value), key).toBe(true);
    });
  });

  const reason = python ? "" : " (skipped: SINGLESHOT_PYTHON names no Python with torch)";
  test.skipIf(!python)(`goes on in Python, and from Python here${reason}`, () => {
    scope(() => {
      const { net, optimizer } = make();
      trainStep(net, optimizer, images);
      const ours = { kind, model: net.stateDict(), optimizer: optimizer.stateDict(), images };
      save(join(folder, "ours.pth"), new Map<string, Saved>(Object.entries(ours)));
      execFileSync(python!, [fileOf(folder, "continue.py", Buffer.from(SCRIPT)), folder], { stdio: ["ignore", "inherit", "inherit"] });
      const theirs = entries(load(join(folder, "theirs.pth")));

      const there = make();
      there.net.loadStateDict(theirs.get("model") as Map<string, Tensor>);
      there.optimizer.loadStateDict(theirs.get("optimizer") as optim.OptimizerState);
      const close = (a: Tensor, b: Saved, name: string) =>
        expectClose(a.toTypedArray(), (b as Tensor).toTypedArray(), { rtol: 1e-4, atol: 1e-6, name });
      close(trainStep(net, optimizer, images), theirs.get("outputs")!, "step 2, here against Python");
      for (const [key, value] of net.stateDict()) close(value, there.net.stateDict().get(key)!, key);
      close(trainStep(there.net, there.optimizer, images), theirs.get("later")!, "step 3, here from Python's file");
    });
  });
});

const SCRIPT = `
import sys, torch
from collections import OrderedDict
folder = sys.argv[1]
saved = torch.load(folder + "/ours.pth", weights_only=True)
nn = torch.nn
net = nn.Sequential(OrderedDict(body=nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.Hardswish()), flat=nn.Flatten(), head=nn.Linear(64, 2)))
net.load_state_dict(saved["model"])
options = dict(momentum=0.9, nesterov=True) if saved["kind"] == "SGD" else {}
optimizer = getattr(torch.optim, saved["kind"])(net.parameters(), lr=1, **options)
optimizer.load_state_dict(saved["optimizer"])
def step():
    optimizer.zero_grad()
    outputs = net(saved["images"])
    outputs.square().mean().backward()
    optimizer.step()
    return outputs.detach()
outputs = step()
state = {"outputs": outputs, "model": {k: v.clone() for k, v in net.state_dict().items()}}
torch.save({"optimizer": optimizer.state_dict()}, folder + "/optimizer.pth")
state["optimizer"] = torch.load(folder + "/optimizer.pth")["optimizer"]
state["later"] = step()
torch.save(state, folder + "/theirs.pth")
`;

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nn, ops, scope, type Tensor, toDevice } from "../index.js";
import { hostReads, randomTensor, simulatedDevice } from "../testing/index.js";
import { load, loadSafetensors, save, saveSafetensors } from "./tensors.js";
import { temporaryFolder } from "./testing/files.js";

const device = simulatedDevice();
const folder = temporaryFolder();
const values = (tensor: Tensor) => [...tensor.toTypedArray()];

test("tensors of a device are saved as those of the CPU are, byte for byte, and loaded to the CPU", () => {
  scope(() => {
    const here = randomTensor([2, 3, 4, 4], { dtype: "float32" }).contiguous({ memoryFormat: "channelsLast" });
    const there = toDevice(here, device);
    for (const [name, value] of Object.entries({ here, there })) {
      save(join(folder, `${name}.pth`), new Map([["map", value]]));
      saveSafetensors(join(folder, `${name}.safetensors`), new Map([["map", value]]));
    }
    for (const kind of ["pth", "safetensors"])
      expect(readFileSync(join(folder, `there.${kind}`))).toEqual(readFileSync(join(folder, `here.${kind}`)));
    const read = (load(join(folder, "there.pth")) as Map<string, Tensor>).get("map")!;
    expect([read.device, read.isContiguous("channelsLast"), values(read)]).toEqual(["cpu", true, values(here)]);
    expect(values(loadSafetensors(join(folder, "there.safetensors")).tensors.get("map")!)).toEqual(values(here));
  });
});

test("tensors that share a device's memory are copied from it once, and share what is loaded", () => {
  scope(() => {
    const whole = ops.arange(0, 6, { dtype: "float32", device });
    const file = join(folder, "shared.pth");
    const before = hostReads();
    save(
      file,
      new Map([
        ["whole", whole],
        ["part", whole.narrow(0, 2, 2)],
      ]),
    );
    expect(hostReads() - before).toBe(1);
    const read = load(file) as Map<string, Tensor>;
    read.get("part")!.fill_(9);
    expect(values(read.get("whole")!)).toEqual([0, 1, 9, 9, 4, 5]);
  });
});

test("a network on a device takes a file's weights and stays there", () => {
  scope(() => {
    const file = join(folder, "net.pth");
    const [first, second] = [new nn.Linear(3, 2), new nn.Linear(3, 2)].map((layer) => layer.to({ device }));
    save(file, first!.stateDict() as Map<string, Tensor>);
    second!.loadStateDict(load(file) as Map<string, Tensor>);
    expect([second!.device, values(second!.weight)]).toEqual([device, values(first!.weight)]);
  });
});

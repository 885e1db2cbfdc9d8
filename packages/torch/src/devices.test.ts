import { afterEach, describe, expect, test, vi } from "vitest";
import { describeDevice, findDevice, libtorchVersion, ops, preferDeterministic, scope, synchronize } from "./index.js";
import { native } from "./native.js";
import { simulatedDevice } from "./testing/index.js";

/** A machine with so many GPUs; null: its libtorch computes on the CPU alone. */
function machineWith(gpus: number | null): { used: string[] } {
  const used: string[] = [];
  vi.spyOn(native, "deviceCount").mockReturnValue(gpus);
  vi.spyOn(native, "useDevice").mockImplementation((device) => void used.push(device));
  return { used };
}
afterEach(() => void vi.restoreAllMocks());

describe("a device by its word", () => {
  test.each<[word: string, gpus: number | null, index: number, device: string]>([
    ["auto", null, 0, "cpu"],
    ["auto", 0, 0, "cpu"],
    ["auto", 2, 0, "cuda:0"],
    ["auto", 2, 1, "cuda:1"],
    ["cpu", 2, 1, "cpu"],
    ["cuda", 4, 3, "cuda:3"],
    ["cuda", 4, 5, "cuda:1"],
    ["cuda:2", 4, 0, "cuda:2"],
  ])("'%s' with %s GPUs is for process %s %s, and in use from then on", (word, gpus, index, device) => {
    const { used } = machineWith(gpus);
    expect(findDevice(word, { index })).toBe(device);
    expect(used).toEqual(device === "cpu" ? [] : [device]);
  });

  const alone = `this libtorch (${libtorchVersion()}) computes on the CPU alone. Set LIBTORCH to one with CUDA and run \`npm run setup\`, or use --device cpu.`;
  const unknown = "is no device. Use auto, cpu, cuda, or the number of a GPU: cuda:1.";
  test.each<[word: string, gpus: number | null, message: string]>([
    ["cuda", null, `there is no 'cuda': ${alone}`],
    ["cuda", 0, "there is no 'cuda': no GPU was found. See that nvidia-smi finds it, or use --device cpu."],
    ["cuda:1", 1, "there is no 'cuda:1': this machine has one GPU, cuda:0. Name one that is there."],
    ["cuda:4", 4, "there is no 'cuda:4': this machine has GPUs from cuda:0 to cuda:3. Name one that is there."],
    ["gpu", 4, `'gpu' ${unknown}`],
    ["cpu:0", 4, `'cpu:0' ${unknown}`],
    ["cuda:-1", 4, `'cuda:-1' ${unknown}`],
    ["", 4, `'' ${unknown}`],
  ])("'%s' with %s GPUs is refused", (word, gpus, message) => {
    const { used } = machineWith(gpus);
    expect(() => findDevice(word)).toThrow(message);
    expect(used).toEqual([]);
  });
});

test("a device is described by its maker's name, else by its own", () => {
  expect(describeDevice("cpu")).toBe("CPU");
  expect(describeDevice(simulatedDevice())).toBe("privateuseone:0");
  vi.spyOn(native, "deviceName").mockReturnValue("NVIDIA H100");
  expect(describeDevice("cuda:1")).toBe("NVIDIA H100 (cuda:1)");
});

test("a device is counted, waited for, and named where no number was", () => {
  const second = simulatedDevice(1);
  expect(native.deviceCount("privateuseone")).toBe(2);
  expect(() => native.useDevice("privateuseone:2")).toThrow("there are two simulated devices, no privateuseone:2");
  synchronize(second);
  native.useDevice(second);
  scope(() => expect(ops.zeros([1], { device: "privateuseone" }).device).toBe(second));
  native.useDevice(simulatedDevice());
});

test("what this libtorch was built without is said", () => {
  expect(() => native.synchronize("xla:0")).toThrow("this libtorch was built without 'xla'");
});

test("deterministic kernels leave new memory as it is: filling it would be one kernel more for every tensor", () => {
  const device = simulatedDevice();
  preferDeterministic(device);
  const leaveInFreedMemory = (value: number) => scope(() => Array.from({ length: 20 }, () => ops.full([64], value, { device })));
  leaveInFreedMemory(3);
  scope(() => {
    const fresh = Array.from({ length: 10 }, () => ops.empty([64], { device }).isnan().all().item());
    expect(fresh).not.toContain(true);
  });
  native.preferDeterministic(false);
});

import { InputError } from "@singleshot/base";
import { native } from "./native.js";

/** Where tensors lie and operators compute: "cpu", "cuda:0", "cuda:1". */
export type Device = string;

const KNOWN = /^(auto|cpu|cuda)(?::(\d{1,3}))?$/;

/** How many GPUs there are; undefined where this libtorch computes on the CPU alone. */
export const gpuCount = (): number | undefined => native.deviceCount("cuda") ?? undefined;

/**
 * The device that a word means on this machine: `auto` is the first GPU where there is one, else the CPU; `cuda` is the GPU of number
 * `index`.
 *
 * @param index of the processes that share this machine, which this one is: each takes a GPU of its own
 * @throws InputError where there is no such device
 */
export function findDevice(word: string, { index = 0 }: { index?: number } = {}): Device {
  const [, kind, number] = KNOWN.exec(word) ?? [];
  if (kind === undefined || (kind !== "cuda" && number !== undefined)) {
    throw new InputError(`'${word}' is no device`, { fix: "use auto, cpu, cuda, or the number of a GPU: cuda:1" });
  }
  const count = gpuCount() ?? 0;
  if (kind === "cpu" || (kind === "auto" && count === 0)) return "cpu";
  const wanted = number === undefined ? index % Math.max(1, count) : Number(number);
  if (wanted >= count) throw noSuchGpu(word, count);
  const device = `cuda:${wanted}`;
  native.useDevice(device);
  return device;
}

function noSuchGpu(word: string, count: number): InputError {
  if (gpuCount() === undefined) {
    return new InputError(`there is no '${word}': this libtorch (${native.version()}) computes on the CPU alone`, {
      fix: "set LIBTORCH to one with CUDA and run `npm run setup`, or use --device cpu",
    });
  }
  const found =
    count === 0 ? "no GPU was found" : `this machine has ${count === 1 ? "one GPU, cuda:0" : `GPUs from cuda:0 to cuda:${count - 1}`}`;
  return new InputError(`there is no '${word}': ${found}`, {
    fix: count === 0 ? "see that nvidia-smi finds it, or use --device cpu" : "name one that is there",
  });
}

/** In words: "CPU", "NVIDIA H100 (cuda:0)". */
export function describeDevice(device: Device): string {
  if (device === "cpu") return "CPU";
  const name = native.deviceName(device);
  return name === device ? device : `${name} (${device})`;
}

/** Waits until a device has done all that it was told to: what times it measures nothing else. */
export function synchronize(device: Device): void {
  if (device !== "cpu") native.synchronize(device);
}

/** Kernels that give the same bits each time, wherever libtorch has them for this device. On the CPU all do. */
export function preferDeterministic(device: Device): void {
  if (device !== "cpu") native.preferDeterministic(true);
}

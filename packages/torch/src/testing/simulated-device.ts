import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Device } from "../devices.js";
import { addonFile } from "../native.js";

interface Library {
  hostReads(): number;
}

let library: Library | undefined;

/**
 * One of two devices for tests, on any machine: it computes with the CPU's kernels, but refuses what CUDA refuses, namely tensors of two devices in
 * one operator and generators of the CPU, and its part of backward runs on a thread of its own. Random numbers are those of the CPU's
 * default generator.
 *
 * To be called before the first backward of the process, when libtorch starts a thread for each device. It can be called in every thread.
 */
export function simulatedDevice(index: 0 | 1 = 0): Device {
  library ??= createRequire(import.meta.url)(join(dirname(addonFile()), "simulated_device.node")) as Library;
  return `privateuseone:${index}`;
}

/**
 * How often this process has read from a simulated device: numbers read with `item`, tensors copied to the CPU, and operators whose
 * result has a size that depends on the numbers (`nonzero`, a mask as index).
 */
export function hostReads(): number {
  return library?.hostReads() ?? 0;
}

import type { Device } from "@singleshot/torch";
import type { World } from "@singleshot/torch/world";
import { Option } from "commander";
import { type Terminal, tellDevice } from "../terminal/index.js";

export interface DeviceFlags {
  /** Where nothing is said: auto. */
  device?: string;
}

/** `--device cpu`, `cuda`, `cuda:1`, `auto` */
export const deviceOption = (): Option =>
  new Option("--device <D>", "where to compute: cpu, cuda, cuda:N, auto (default: a GPU, else the CPU)");

/**
 * The device that is meant on this machine, which is said; of several processes there each has a GPU of its own.
 * @throws InputError where there is none such
 */
export async function chooseDevice({ device: word }: DeviceFlags, terminal: Terminal, world?: World): Promise<Device> {
  const { findDevice } = await import("@singleshot/torch");
  const device = findDevice(word ?? "auto", { index: world?.localRank ?? 0 });
  await tellDevice(device, { word, world }, terminal);
  return device;
}

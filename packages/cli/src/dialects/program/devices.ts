import type { Device, findDevice } from "@singleshot/torch";
import type { World } from "@singleshot/torch/world";
import { InputError } from "@singleshot/vision";
import { EXIT } from "../../exit-codes.js";
import { launchedCommand, planGroup, runGroup } from "../../launch/index.js";

/** What an original's command line says of devices. */
export interface Devices {
  /** In our own words, one for each process on this machine: `cpu`, `cuda`, `cuda:1`, `auto`. */
  words: readonly [string, ...string[]];
  /** Which flag says it, if any. */
  flag?: string;
}

/** Of a program that takes the first GPU where there is one. */
export const FIRST_GPU: Devices = { words: ["auto"] };

/**
 * The devices that an original's list names: `0,1`, `0 1`, `[0, 1]`, a process each. An empty list is the CPU.
 *
 * @throws InputError where it is no list of numbers
 */
export function deviceList(text: string, flag: string): Devices {
  const names = text
    .replace(/^\[|\]$/g, "")
    .split(/[\s,]+/)
    .filter((name) => name !== "");
  if (!names.every((name) => /^\d{1,3}$/.test(name)))
    throw new InputError(`${text} are no numbers of devices`, { file: flag, fix: `for example: ${flag} 0,1` });
  const [first = "cpu", ...others] = new Set(names.map((name) => `cuda:${Number(name)}`));
  return { words: [first, ...others], flag };
}

/** Where a process of a program computes. */
export interface DeviceChoice {
  device: Device;
  /** What our own `--device` has to say for the same; undefined where auto finds it. */
  word?: string;
  note?: string;
}

/**
 * As the original would, where libtorch finds a GPU on this machine; else on the CPU.
 * @throws InputError for a GPU that is not among those that are there
 */
export async function deviceFor(devices: Devices, world?: World): Promise<DeviceChoice> {
  const { findDevice } = await import("@singleshot/torch");
  return choose(devices, world, findDevice);
}

type LocalWorld = Pick<World, "localRank" | "localSize">;

/** @param find tells which devices there are */
export function choose(devices: Devices, world: LocalWorld | undefined, find: typeof findDevice): DeviceChoice {
  const { localRank, localSize } = world ?? { localRank: 0, localSize: 1 };
  const word = wordOf(devices, { localRank, localSize });
  if (word === "cpu") return { device: "cpu", word };
  const index = Number(/\d+$/.exec(word)?.[0] ?? localRank);
  if (find("auto", { index }) === "cpu") return { device: "cpu", ...noteOf(devices) };
  const device = find(word, { index });
  return { device, ...(world === undefined && device !== "cuda:0" && { word: device }) };
}

/** Who was started by a launcher, with fewer GPUs named than processes, takes the GPU of its own number. */
function wordOf({ words }: Devices, { localRank, localSize }: LocalWorld): string {
  if (words.length >= localSize) return words[localRank]!;
  return words[0] === "cpu" ? "cpu" : "cuda";
}

/** What is said where there is no GPU, of a list of several. */
function noteOf({ words, flag }: Devices): Pick<DeviceChoice, "note"> {
  const count = words.length;
  if (count === 1) return {};
  return { note: `${flag}: the device is the CPU, and ${count} processes on this machine take the place of the GPUs and share the batch` };
}

/** Runs this program's own command line once more, in several processes on this machine. */
export async function inProcesses(count: number): Promise<void> {
  const code = await runGroup(launchedCommand(process.argv.slice(2)), await planGroup({ nprocPerNode: String(count) }));
  if (code !== EXIT.done) process.exitCode = code;
}

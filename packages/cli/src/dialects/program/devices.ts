import { InputError } from "@singleshot/vision";
import { EXIT } from "../../exit-codes.js";
import { launchedCommand, planGroup, runGroup } from "../../launch/index.js";

/**
 * How many devices an original's list names: `0,1`, `0 1`, `[0, 1]`. Here a process takes the place of each. An empty list is the CPU.
 *
 * @throws InputError where it is no list of numbers
 */
export function deviceCount(text: string, flag: string): number {
  const names = text
    .replace(/^\[|\]$/g, "")
    .split(/[\s,]+/)
    .filter((name) => name !== "");
  if (names.every((name) => /^\d+$/.test(name))) return Math.max(1, new Set(names).size);
  throw new InputError(`${text} are no numbers of devices`, { file: flag, fix: `for example: ${flag} 0,1` });
}

/** What is said of a list of several. */
export const devicesNote = (flag: string, count: number): string | false =>
  count > 1 && `${flag}: the device is the CPU, and ${count} processes on this machine take the place of the GPUs and share the batch`;

/** Runs this program's own command line once more, in several processes on this machine. */
export async function inProcesses(count: number): Promise<void> {
  const code = await runGroup(launchedCommand(process.argv.slice(2)), await planGroup({ nprocPerNode: String(count) }));
  if (code !== EXIT.done) process.exitCode = code;
}

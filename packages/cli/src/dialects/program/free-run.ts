import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where our own records of a run go, beside the original's files: settings, numbers, checkpoints to go on from. */
export function freeRun(folder: string): string {
  let number = 1;
  while (existsSync(join(folder, `run-${number}`))) number++;
  return join(folder, `run-${number}`);
}

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Gpus } from "./find.js";

/** How many GPUs libtorch finds here; looked at in a process of its own, so that this one needs no libtorch and holds no GPU. */
export async function countGpus(): Promise<number> {
  const report = fileURLToPath(new URL("./report.js", import.meta.url));
  const found = await promisify(execFile)(process.execPath, [report]).catch(() => undefined); // what is wrong, those that are started will say
  return found === undefined ? 0 : (JSON.parse(found.stdout) as Gpus).names.length;
}

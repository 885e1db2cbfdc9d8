import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { say } from "./say.mjs";

const CAPTURED = { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] };

/**
 * Runs the addon once (an operator, a backward pass, the matmul rate, the threads) and shows what it prints. A check that
 * passed is remembered for the addon it was made with and not repeated unless `always` is set.
 * @throws Error where the check fails
 */
export function selfCheck(root, { always }) {
  const torch = join(root, "packages", "torch");
  const current = readFileSync(join(torch, "build", "current.json"), "utf8");
  const passed = join(torch, "build", "checked.json");
  if (!always && existsSync(passed) && readFileSync(passed, "utf8") === current) return;
  const { status, signal, stdout } = spawnSync(process.execPath, [join(torch, "dist", "self-check.js")], CAPTURED);
  if (status !== 0) throw new Error(`The self-check ended with ${signal ?? status}.`);
  for (const line of stdout.trimEnd().split("\n")) say("self-check", line);
  writeFileSync(passed, current);
}

import { type FSWatcher, mkdirSync, watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { between, type Draw } from "@singleshot/vision";
import { type Ended, start } from "../command.js";
import { lostSteps, stumps } from "./outcome.js";

/** When a process is killed: at some time, in the middle of writing a checkpoint, or in an evaluation. */
export type Moment = "time" | "write" | "evaluation";

export interface Killed {
  /** it ended before the moment came */
  escaped: boolean;
  /** a checkpoint was being written */
  inWrite: boolean;
  lostSteps: number;
}

/**
 * Starts the program and kills it with SIGKILL.
 * @param durationMs of a run that nobody kills
 */
export async function killedAt(
  moment: Moment,
  args: readonly string[],
  { cwd, run, durationMs, draw }: { cwd: string; run: string; durationMs: number; draw: Draw },
): Promise<Killed> {
  const folder = join(cwd, run);
  mkdirSync(join(folder, "checkpoints"), { recursive: true });
  const watching = new AbortController();
  const { child, ended } = start(args, { cwd });
  child.stdin.end();
  const come = moment === "time" ? sleep(between(draw, 0, durationMs)) : fileEvent(folder, moment, draw, watching.signal);
  await Promise.race([come, ended]);
  child.kill("SIGKILL");
  const { signal } = await ended;
  watching.abort();
  return { escaped: signal !== "SIGKILL", inWrite: stumps(folder).length > 0, lostSteps: lostSteps(folder) };
}

/** Resolves a few milliseconds behind one of the writers' acts: a temporary file appears, or `last.pth` has been replaced. */
function fileEvent(folder: string, moment: "write" | "evaluation", draw: Draw, signal: AbortSignal): Promise<void> {
  let awaited = 1 + Math.floor(between(draw, 0, 8));
  const delayMs = between(draw, 0, moment === "write" ? 12 : 150);
  const seen = new Set<string>();
  return new Promise((resolve) => {
    const watcher: FSWatcher = watch(join(folder, "checkpoints"), { signal }, (_, name) => {
      const isNew = name?.endsWith(".tmp") && !seen.has(name);
      if (name) seen.add(name);
      if (moment === "write" ? !isNew : name !== "last.pth") return;
      if (--awaited === 0) setTimeout(resolve, delayMs);
    });
    watcher.on("error", () => {});
  });
}

/** Asks the program to stop, and measures how long it takes. */
export async function stopped(
  args: readonly string[],
  { cwd, durationMs, draw, twice = false }: { cwd: string; durationMs: number; draw: Draw; twice?: boolean },
): Promise<Ended & { tookMs: number }> {
  const { child, ended } = start(args, { cwd });
  child.stdin.end();
  await Promise.race([sleep(between(draw, 0, durationMs)), ended]);
  const asked = performance.now();
  child.kill(draw() < 0.5 ? "SIGINT" : "SIGTERM");
  if (twice) {
    await Promise.race([sleep(1100), ended]); // sooner it is taken for the echo of the first
    child.kill("SIGINT");
  }
  return { ...(await ended), tookMs: performance.now() - asked };
}

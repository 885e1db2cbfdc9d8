import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { between, type Draw } from "@singleshot/vision";
import { singleshot } from "../command.js";
import { outcome } from "./outcome.js";
import { finish, training, type Undisturbed } from "./trials.js";

/** A way to make a disk too small for a run. */
export type DiskLimit = "small disk" | "file size";

export interface DiskResult {
  limit: DiskLimit;
  /** there was room enough after all */
  escaped: boolean;
  /** exit codes, messages, unreadable files, other numbers in the end; none: all as promised */
  wrong: string[];
}

/** What can be tried here: mounting wants root, the limit a program of Linux. */
export function diskLimits(cwd: string): DiskLimit[] {
  return [
    ...(succeeds(() => onSmallDisk(join(cwd, "probe"), 2 ** 20).remove()) ? ["small disk" as const] : []),
    ...(succeeds(() => execFileSync("prlimit", ["--version"])) ? ["file size" as const] : []),
  ];
}

function succeeds(body: () => void): boolean {
  try {
    body();
    return true;
  } catch {
    return false;
  }
}

/**
 * A run whose disk is too small by some bytes, and that goes on when there is room: nothing that was there before is lost, there is one
 * message and exit code 2, and in the end the numbers are those of a run that nobody disturbed.
 */
export async function diskTrial(cwd: string, whole: Undisturbed, name: string, draw: Draw, limit: DiskLimit): Promise<DiskResult> {
  const checkpointBytes = statSync(join(cwd, `${whole.net}-whole`, "checkpoints", "last.pth")).size;
  const room = limit === "small disk" ? between(draw, 0, 4.5 * checkpointBytes) : between(draw, 100, 1.02 * checkpointBytes);
  const place = limit === "small disk" ? onSmallDisk(join(cwd, name), Math.max(65536, Math.round(room))) : underFileLimit(Math.round(room));
  const run = limit === "small disk" ? join(name, "run") : name;
  try {
    const { code, stderr } = await singleshot(training(whole.net, run), { cwd, ...place });
    const wrong = [...problems(code, stderr), ...unreadable(join(cwd, run))];
    place.lift?.();
    wrong.push(...(await finish(cwd, whole, run)));
    return { limit, escaped: code === 0, wrong };
  } finally {
    place.remove?.();
  }
}

interface Place {
  /** before the program in its command line */
  prefix?: readonly string[];
  lift?(): void;
  remove?(): void;
}

function onSmallDisk(folder: string, bytes: number): Required<Omit<Place, "prefix">> {
  mkdirSync(folder, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder], { stdio: "ignore" });
  return {
    lift: () => execFileSync("mount", ["-o", "remount,size=4g", folder]),
    remove: () => {
      execFileSync("umount", [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const underFileLimit = (bytes: number): Place => ({ prefix: ["prlimit", `--fsize=${bytes}`] });

function problems(code: number | null, stderr: string): string[] {
  if (code === 0) return [];
  if (code !== 2) return [`exit code ${code}: ${stderr}`];
  const lines = stderr.trim().split("\n");
  const isOneMessage = lines.length <= 6 && !/^ +at /m.test(stderr) && /disk is full|larger than the limit/.test(stderr);
  return isOneMessage ? [] : [`message: ${stderr}`];
}

/** What stands under its own name must be whole. */
function unreadable(run: string): string[] {
  try {
    if (existsSync(join(run, "metrics.jsonl"))) outcome(run);
    return [];
  } catch (error) {
    return [`not readable: ${(error as Error).message}`];
  }
}

import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Draw, randomOf } from "@singleshot/vision";
import { singleshot } from "../command.js";
import { writeTinyData } from "../tiny.js";
import { killedAt, type Moment, stopped } from "./kill.js";
import { chaosNets } from "./nets.js";
import { outcome, stumps } from "./outcome.js";

/** A network's run that nobody disturbed: what all others have to come to. */
export interface Undisturbed {
  net: string;
  /** words before each of its commands: of a launcher, or none */
  before: readonly string[];
  durationMs: number;
  outcome: Record<string, unknown>;
}

/** A folder with data and recipes, and the undisturbed run of a network in it. */
export async function undisturbed(
  cwd: string,
  net: string,
  { before = [], name = `${net}-whole` }: { before?: readonly string[]; name?: string } = {},
): Promise<Undisturbed> {
  if (!existsSync(join(cwd, "photos"))) await writeTinyData(join(cwd, "photos"));
  writeFileSync(join(cwd, `${net}.json`), JSON.stringify(chaosNets[net]));
  const start = performance.now();
  const { code, stderr } = await singleshot([...before, ...training(net, name)], { cwd });
  if (code !== 0) throw new Error(`the undisturbed run failed: ${stderr}`);
  return { net, before, durationMs: performance.now() - start, outcome: outcome(join(cwd, name)) };
}

export const training = (net: string, out: string, ...more: string[]): string[] => [
  ...["train", "--recipe", `${net}.json`, "--data", "photos", "--out", out, "--threads", "1", "--no-report", ...more],
];
export const resuming = (out: string, ...more: string[]): string[] => ["train", "--resume", out, "--threads", "1", "--no-report", ...more];

/** What a chain of kills has come to. */
export interface ChainResult {
  kills: number;
  inWrites: number;
  inEvaluations: number;
  /** the most that one kill has cost */
  lostSteps: number;
  /** what differs from the undisturbed run; none: nothing */
  differs: string[];
}

/**
 * A run that is killed and resumed so many times, then left to its end.
 * @param extended begins with one epoch less than it has in the end
 */
export async function chain(
  cwd: string,
  whole: Undisturbed,
  name: string,
  draw: Draw,
  { kills, extended = false }: { kills: number; extended?: boolean },
): Promise<ChainResult> {
  const result: ChainResult = { kills: 0, inWrites: 0, inEvaluations: 0, lostSteps: 0, differs: [] };
  const shorter = extended ? ["--epochs", "2"] : [];
  const place = { cwd, run: name, durationMs: whole.durationMs, draw };
  for (let i = 0; i < kills; i++) {
    const args = existsSync(join(cwd, name, "config.json")) ? resuming(name) : training(whole.net, name, ...shorter);
    const moment = momentOf(draw);
    const { escaped, inWrite, lostSteps } = await killedAt(moment, args, place);
    if (escaped) break;
    result.kills++;
    if (inWrite) result.inWrites++;
    if (moment === "evaluation") result.inEvaluations++;
    result.lostSteps = Math.max(result.lostSteps, lostSteps);
  }
  result.differs.push(...(await finish(cwd, whole, name, extended ? ["--epochs", "3"] : [])));
  return result;
}

const momentOf = (draw: Draw): Moment => {
  const u = draw();
  return u < 0.45 ? "write" : u < 0.6 ? "evaluation" : "time";
};

/** Lets a run go on to its end. @returns what is not as in the undisturbed run */
export async function finish(cwd: string, whole: Undisturbed, name: string, more: string[] = []): Promise<string[]> {
  const begun = existsSync(join(cwd, name, "config.json"));
  const words = begun ? resuming(name, ...more) : training(whole.net, name);
  const { code, stderr } = await singleshot([...whole.before, ...words], { cwd });
  if (code !== 0) return [`resuming ended with ${code}: ${stderr}`];
  const found = outcome(join(cwd, name));
  const differing = Object.keys(whole.outcome).filter((part) => !isDeepStrictEqual(found[part], whole.outcome[part]));
  const left = stumps(join(cwd, name));
  if (differing.length + left.length === 0) rmSync(join(cwd, name), { recursive: true });
  return [...differing, ...left];
}

export interface StopResult {
  code: number | null;
  tookMs: number;
  differs: string[];
}

/** A run that is asked to stop, once or twice, and then goes on to its end. */
export async function stopTrial(cwd: string, whole: Undisturbed, name: string, draw: Draw, { twice = false } = {}): Promise<StopResult> {
  const { code, tookMs } = await stopped([...whole.before, ...training(whole.net, name)], {
    cwd,
    durationMs: whole.durationMs,
    draw,
    twice,
  });
  return { code, tookMs, differs: await finish(cwd, whole, name) };
}

/** The same draws in every run of a trial of a number. */
export const drawOf = (seed: number, trial: number): Draw => randomOf(seed, trial);

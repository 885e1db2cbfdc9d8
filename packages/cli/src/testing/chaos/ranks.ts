import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { between, type Draw } from "@singleshot/vision";
import { type Ended, start } from "../command.js";
import { finish, resuming, training, type Undisturbed } from "./trials.js";

/** How a run of several processes is started here. */
export const launchWords = (processes: number): string[] => ["launch", "--nproc-per-node", String(processes), "--"];

/** What has come of a run of several processes that lost some of them. */
export interface RanksResult {
  /** the ranks that were killed */
  killed: number[];
  /** the longest from a kill until all processes were gone */
  goneMs: number;
  /** what is not as promised: exit codes, messages, other numbers in the end; none: all is */
  wrong: string[];
}

const POLL_MS = 10;

/** A run of several processes of which one is killed, at any moment, so many times; each time all have to be gone before it goes on. */
export async function rankTrial(
  cwd: string,
  whole: Undisturbed,
  name: string,
  draw: Draw,
  { kills }: { kills: number },
): Promise<RanksResult> {
  const result: RanksResult = { killed: [], goneMs: 0, wrong: [] };
  for (let i = 0; i < kills; i++) {
    const words = existsSync(join(cwd, name, "config.json")) ? resuming(name) : training(whole.net, name);
    const lost = await loseRank([...whole.before, ...words], {
      cwd,
      processes: Number(whole.before[2]),
      durationMs: whole.durationMs,
      draw,
    });
    if (lost === undefined) break;
    result.killed.push(lost.rank);
    result.goneMs = Math.max(result.goneMs, lost.goneMs);
    result.wrong.push(...lost.wrong);
  }
  result.wrong.push(...(await finish(cwd, whole, name)));
  return result;
}

/** A long run of several processes, of which one alone is asked to stop after a step. */
export async function stopRank(cwd: string, net: string, name: string, rank: number): Promise<Ended> {
  const processes = 2;
  const { child, ended } = start([...launchWords(processes), ...training(net, name, "--epochs", "1000")], { cwd });
  child.stdin.end();
  const metrics = join(cwd, name, "metrics.jsonl");
  const pids = await ranksOf(child.pid!, processes, ended);
  while (isAlive(child.pid!) && read(metrics) === "") await sleep(POLL_MS);
  process.kill(pids.get(rank)!, "SIGTERM");
  return ended;
}

interface Losing {
  cwd: string;
  processes: number;
  durationMs: number;
  draw: Draw;
}

/** @returns undefined where the run had ended before */
async function loseRank(words: readonly string[], { cwd, processes, durationMs, draw }: Losing) {
  const { child, ended } = start(words, { cwd });
  child.stdin.end();
  await Promise.race([sleep(between(draw, 0, durationMs)), ended]);
  const pids = await ranksOf(child.pid!, processes, ended);
  const rank = Math.floor(draw() * processes);
  const victim = pids.get(rank);
  if (victim === undefined || !kill(victim)) return ended.then(() => undefined);
  const killed = performance.now();
  while (isAlive(child.pid!) || [...pids.values()].some(isAlive)) await sleep(POLL_MS);
  const goneMs = performance.now() - killed;
  const { code, stderr } = await ended;
  const expected = `rank ${rank} on ${hostname()} (process ${victim}) was killed by SIGKILL`;
  const wrong = [
    ...(goneMs > 10_000 ? [`processes were there for ${Math.round(goneMs)} ms`] : []),
    ...(code === 137 ? [] : [`exit code ${code}`]),
    ...(stderr.includes(expected) ? [] : [`message: ${stderr}`]),
  ];
  return { rank, goneMs, wrong };
}

/** The processes that a launcher has started, by their rank, when all are there. */
async function ranksOf(launcher: number, processes: number, ended: Promise<unknown>): Promise<Map<number, number>> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (;;) {
    const found = new Map(childrenOf(launcher).flatMap((pid) => rankOf(pid).map((rank) => [rank, pid] as const)));
    if (found.size === processes || isOver) return found;
    await sleep(POLL_MS);
  }
}

/** By Linux's /proc, whose files may be gone at any moment. */
function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter(
      (name) =>
        /^\d+$/.test(name) &&
        read(`/proc/${name}/stat`)
          .replace(/^.*\) /s, "")
          .split(" ")[1] === String(pid),
    )
    .map(Number);
}

const rankOf = (pid: number): number[] => (/(?:^|\0)RANK=(\d+)/.exec(read(`/proc/${pid}/environ`)) ?? []).slice(1).map(Number);

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`) && !/\) Z /.test(read(`/proc/${pid}/stat`));

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

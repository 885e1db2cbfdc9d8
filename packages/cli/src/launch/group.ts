import { spawn } from "node:child_process";
import { hostname } from "node:os";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT } from "../exit-codes.js";
import { clearLine, interruption, onClosedPipe, type Stream } from "../terminal/index.js";
import { type End, exitCodeOf, failureText, isFailure, theFirst } from "./failure.js";
import type { Failed } from "./member.js";
import type { Member } from "./plan.js";
import { copyPrefixed } from "./prefixed.js";

export interface GroupOptions {
  /** Where lines of ranks above 0 go, and what is said of a failure. Rank 0 has this process's own streams. */
  error?: Stream;
  /** How long processes that are asked to end are waited for before they are killed. */
  graceMs?: number;
}

const GRACE_MS = 5000;
const SETTLE_MS = 300; // a process that fails takes its neighbours with it, who may be heard of sooner
const LOSS_MS = 3000; // who has only lost another knows no cause: on a busy machine the other may take so long to end

/** A process of the group. */
interface Running {
  end(): End | undefined;
  /** Resolves when it has ended and all that it wrote has been read. */
  closed: Promise<void>;
  failed: Promise<void>;
  /** A signal is sent once: to who still saves, a second request would be one to end at once. */
  kill(signal: NodeJS.Signals): void;
}

/**
 * Starts a program once for each member and waits for all of them. When one fails the others are stopped, and it is said which was first.
 * Requests to end are passed on; after a second one nobody is waited for.
 *
 * @returns the exit code of the first that failed, 130 where they were interrupted
 */
export async function runGroup(
  command: readonly [string, ...string[]],
  members: readonly Member[],
  { error = process.stderr, graceMs = GRACE_MS }: GroupOptions = {},
): Promise<number> {
  const killAll = (signal: NodeJS.Signals) => {
    for (const one of running) one.kill(signal);
  };
  const { signal, release } = interruption(() => killAll("SIGTERM"), { exit: () => killAll("SIGKILL") });
  onClosedPipe(() => {}); // rank 0 finds out by itself, and saves
  const onInterrupted = () => void setTimeout(() => killAll("SIGTERM"), graceMs).unref(); // some may still wait for it
  const running = members.map((member) => start(command, member, { error, stopping: signal, onInterrupted }));
  const allClosed = Promise.all(running.map(({ closed }) => closed));
  await Promise.race([allClosed, ...running.map(({ failed }) => failed)]);
  const ends = () => running.flatMap((one) => one.end() ?? []);
  const failure = ends().some(isFailure) ? await settled(running) : undefined;
  if (failure) await stop(running, allClosed, graceMs);
  await allClosed;
  release();
  if (failure) {
    clearLine(error); // rank 0 may have been killed in the middle of its own
    error.write(failureText(failure, ends(), { isPart: isPart(members) }));
  }
  return failure ? exitCodeOf(failure) : ends().some(({ interrupted }) => interrupted) ? EXIT.interrupted : EXIT.done;
}

/** Whether others of the same world run on other machines. */
const isPart = (members: readonly Member[]): boolean => members.some(({ env }) => Number(env.WORLD_SIZE) > members.length);

/** The first that failed, when those who failed with it are known. */
async function settled(running: readonly Running[]): Promise<End> {
  const failures = () => running.flatMap((one) => one.end() ?? []).filter(isFailure);
  const isOpen = () => failures().every(({ lost }) => lost) && running.some((one) => one.end() === undefined);
  await sleep(SETTLE_MS);
  for (let waited = SETTLE_MS; waited < LOSS_MS && isOpen(); waited += SETTLE_MS) await sleep(SETTLE_MS);
  return theFirst(failures());
}

async function stop(running: readonly Running[], allClosed: Promise<unknown>, graceMs: number): Promise<void> {
  for (const one of running) one.kill("SIGTERM");
  const late = setTimeout(() => {
    for (const one of running) one.kill("SIGKILL");
  }, graceMs);
  await allClosed;
  clearTimeout(late);
}

interface Watching {
  error: Stream;
  /** aborted when the group was asked to end */
  stopping: AbortSignal;
  /** Somebody has asked this process alone to end, and it has. */
  onInterrupted(): void;
}

function start(
  [program, ...args]: readonly [string, ...string[]],
  { rank, env }: Member,
  { error, stopping, onInterrupted }: Watching,
): Running {
  const stdio = rank === 0 ? (["inherit", "inherit", "inherit", "ipc"] as const) : (["ignore", "pipe", "pipe", "ipc"] as const);
  const child = spawn(program, args, { env: { ...withoutOthers(process.env), ...env }, stdio: [...stdio] });
  for (const stream of [child.stdout, child.stderr]) if (stream) copyPrefixed(stream as Readable, error, `[${rank}] `);
  let said: Failed | undefined;
  let end: End | undefined;
  const sent = new Set<NodeJS.Signals>();
  child.on("message", (message: Failed) => {
    said ??= message;
  });
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const failed = new Promise<void>((resolve) => {
    child.on("exit", (code, signal) => {
      const isAsked = stopping.aborted || sent.has("SIGTERM");
      const interrupted = code === EXIT.interrupted || (isAsked && isRequest(signal)) || (signal === "SIGKILL" && sent.has(signal));
      end = {
        rank,
        pid: child.pid!,
        host: hostname(),
        code,
        signal,
        interrupted,
        at: performance.now(),
        said: said?.failed,
        lost: said?.lost ?? false,
      };
      if (isFailure(end)) resolve();
      if (interrupted) onInterrupted();
    });
  });
  const kill = (signal: NodeJS.Signals) => {
    if (sent.has(signal)) return;
    sent.add(signal);
    child.kill(signal);
  };
  return { end: () => end, closed, failed, kill };
}

/** What asks a process to end; what else ends it is a failure. */
const isRequest = (signal: NodeJS.Signals | null): boolean => signal === "SIGTERM" || signal === "SIGINT";

/** What another launcher around this one has said of its own processes. */
const withoutOthers = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("TORCHELASTIC_")));

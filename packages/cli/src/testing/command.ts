import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { run } from "../run.js";

export const PROGRAM = fileURLToPath(new URL("../../bin/singleshot.mjs", import.meta.url));

const MACHINE = {
  OMP_NUM_THREADS: "1", // tiny networks gain nothing from more, and busy neighbours make them wait for each other
  CUDA_VISIBLE_DEVICES: "", // what tests expect is what the CPU does
};

/** How a command ended and what it had said. */
export interface Ended {
  /** null where a signal ended it */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  ended: Promise<Ended>;
  /** Resolves when standard output has such a text; or when the command has ended. */
  says(expected: string): Promise<void>;
}

interface StartOptions {
  cwd: string;
  env?: Record<string, string>;
  /** for Node: `--import …` */
  flags?: readonly string[];
  /** a program that runs this one, with its arguments */
  prefix?: readonly string[];
}

/** Starts the program as a user does, in a process of its own. */
export function start(args: readonly string[], { cwd, env = {}, flags = [], prefix = [] }: StartOptions): Started {
  const [program, ...rest] = [...prefix, process.execPath, ...flags, PROGRAM, ...args] as [string, ...string[]];
  const child = spawn(program, rest, { cwd, env: { ...process.env, ...MACHINE, ...env } });
  child.stdin.on("error", () => {}); // a command that reads nothing may be gone before it is written to
  const closed = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => child.on("close", (...end) => resolve(end)));
  const ended = Promise.all([text(child.stdout), text(child.stderr), closed]).then(([stdout, stderr, [code, signal]]) => {
    return { code, signal, stdout, stderr };
  });
  return { child, ended, says: (expected) => Promise.race([untilSaid(child.stdout, expected), ended.then(() => {})]) };
}

function untilSaid(stream: Readable, expected: string): Promise<void> {
  let said = "";
  return new Promise((resolve) => {
    stream.on("data", (bytes: Buffer) => {
      said += bytes;
      if (said.includes(expected)) resolve();
    });
  });
}

/** Runs the program to its end. */
export function singleshot(
  args: readonly string[],
  { input = "", ...options }: StartOptions & { input?: string | Uint8Array },
): Promise<Ended> {
  const { child, ended } = start(args, options);
  child.stdin.end(input);
  return ended;
}

/** Runs a command line in this process, which is quicker: for what ends before anything heavy is loaded. */
export async function runHere(...argv: string[]): Promise<Omit<Ended, "signal">> {
  const said = { stdout: "", stderr: "" };
  const into = (stream: keyof typeof said) => (text: unknown) => {
    said[stream] += text;
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(into("stdout")),
    vi.spyOn(process.stderr, "write").mockImplementation(into("stderr")),
    vi.spyOn(console, "error").mockImplementation((text) => void into("stderr")(`${text}\n`)),
  ];
  try {
    await run(argv);
    return { ...said, code: Number(process.exitCode ?? 0) };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export interface Child {
  /** null if a signal ended it */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
const prelude = `import * as torch from ${here("../index.js")};
import { hostReads, simulatedDevice } from ${here("./simulated-device.js")};`;

/**
 * Runs a module in a process of its own, where `torch` is this package and `simulatedDevice` is at hand: a crash is then one test's failure.
 *
 * @param flags for Node: `--expose-gc`
 */
export async function runChild(
  source: string,
  { flags = [], env = {} }: { flags?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<Child> {
  const child = spawn(process.execPath, [...flags, "--input-type=module", "--eval", `${prelude}\n${source}`], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<[number | null, NodeJS.Signals | null]>((resolve) => child.on("close", (...end) => resolve(end))),
  ]);
  return { code, signal, stdout, stderr };
}

import type { World } from "@singleshot/torch/world";
import { type LiveLine, liveLine } from "./live-line.js";
import type { Stream } from "./stream.js";
import { styleOf } from "./style.js";

/** Where a command says things. */
export interface Terminal {
  /** Lines that last. */
  say(text?: string): void;
  /** Something is not as it should be; the command goes on. */
  warn(text: string): void;
  /** A warning that concerns all of several processes: one of them says it. */
  note(text: string): void;
  /** How far it is: a line that is redrawn, or now and then one in a pipe. */
  progress: LiveLine;
  /** Another process speaks for this one too. */
  quiet: boolean;
  style: ReturnType<typeof styleOf>;
}

export interface TerminalOptions {
  /** Standard output is for JSON alone: text goes to standard error. */
  json?: boolean;
  out?: Stream;
  error?: Stream;
  /** Of several processes rank 0 alone speaks; the others warn, with their number. */
  world?: World | undefined;
  now?: () => number;
}

export function openTerminal({ json = false, out = process.stdout, error = process.stderr, world, now }: TerminalOptions = {}): Terminal {
  if (world && world.rank > 0) return quietTerminal(world, error);
  const text = json ? error : out;
  const progress = liveLine(error.isTTY ? error : text, now && { now });
  const print = (stream: Stream) => (line: string) => {
    progress.clear();
    stream.write(`${line}\n`);
  };
  const say = print(text);
  const warn = print(error);
  return { say: (line = "") => say(line), warn, note: warn, progress, quiet: false, style: styleOf(text) };
}

function quietTerminal({ rank, launcher }: World, error: Stream): Terminal {
  const prefix = launcher === "singleshot launch" ? "" : `[${rank}] `; // `launch` puts it before every line itself
  const warn = (text: string) => void error.write(`${prefixed(text, prefix)}\n`);
  const nothing = () => {};
  return { say: nothing, warn, note: nothing, progress: { show: nothing, clear: nothing }, quiet: true, style: styleOf(error) };
}

/** Every line of a text behind the number of the process that says it. */
export const prefixed = (text: string, prefix: string): string => text.replace(/^/gm, prefix);

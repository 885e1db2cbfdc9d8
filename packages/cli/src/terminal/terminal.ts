import { type LiveLine, liveLine } from "./live-line.js";
import type { Stream } from "./stream.js";
import { styleOf } from "./style.js";

/** Where a command says things. */
export interface Terminal {
  /** Lines that last. */
  say(text?: string): void;
  /** Something is not as it should be; the command goes on. */
  warn(text: string): void;
  /** How far it is: a line that is redrawn, or now and then one in a pipe. */
  progress: LiveLine;
  style: ReturnType<typeof styleOf>;
}

export interface TerminalOptions {
  /** Standard output is for JSON alone: text goes to standard error. */
  json?: boolean;
  out?: Stream;
  error?: Stream;
  now?: () => number;
}

export function openTerminal({ json = false, out = process.stdout, error = process.stderr, now }: TerminalOptions = {}): Terminal {
  const text = json ? error : out;
  const progress = liveLine(error.isTTY ? error : text, now && { now });
  const print = (stream: Stream) => (line: string) => {
    progress.clear();
    stream.write(`${line}\n`);
  };
  const say = print(text);
  return { say: (line = "") => say(line), warn: print(error), progress, style: styleOf(text) };
}

import type { Stream } from "./stream.js";

export interface LiveLine {
  /** @param share of the work that is done, 0 to 1 */
  show(share: number, text: string): void;
  /** Takes the line away, so that something lasting can be printed. */
  clear(): void;
}

const REDRAW_MS = 100;
const INTERVAL_MS = 10_000;
const LONGEST_BAR = 24; // characters
const SHORTEST_BAR = 6;
const ERASE = "\r\u001b[K";

/**
 * One line that says how far something is. On a terminal it is redrawn in place, with a bar; elsewhere it is printed every ten seconds.
 * A few lines of our own: the libraries for this redraw on timers, which a training step of a second starves, and print nothing in a pipe.
 */
export function liveLine(stream: Stream, { now = () => performance.now() }: { now?: () => number } = {}): LiveLine {
  return stream.isTTY && process.env.TERM !== "dumb" ? redrawn(stream, now) : printed(stream, now);
}

/** Takes away what an error may have left of a moving line. */
export function clearLine(stream: Stream): void {
  if (stream.isTTY) stream.write(ERASE);
}

function redrawn(stream: Stream, now: () => number): LiveLine {
  let last = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    show(share, text) {
      if (now() - last < REDRAW_MS) return;
      last = now();
      shown = true;
      const columns = (stream.columns ?? 80) - 1; // a line that wraps could not be taken back
      stream.write(ERASE + `${bar(share, columns - text.length)}${text}`.slice(0, columns));
    },
    clear() {
      if (shown) stream.write(ERASE);
      shown = false;
      last = Number.NEGATIVE_INFINITY;
    },
  };
}

/** As long as there is room for it, with a space behind it. */
function bar(share: number, room: number): string {
  const length = Math.min(LONGEST_BAR, room - 1);
  if (length < SHORTEST_BAR) return "";
  const filled = Math.round(share * length);
  return `${"━".repeat(filled)}${"─".repeat(length - filled)} `;
}

function printed(stream: Stream, now: () => number): LiveLine {
  let last = now();
  return {
    show(_, text) {
      if (now() - last < INTERVAL_MS) return;
      last = now();
      stream.write(`${text}\n`);
    },
    clear() {},
  };
}

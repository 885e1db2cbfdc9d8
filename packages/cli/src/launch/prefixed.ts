import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { clearLine, type Stream } from "../terminal/index.js";

/** Copies lines, with what stands before each. A moving line of another process on the same terminal gives way, and comes back by itself. */
export function copyPrefixed(from: Readable, into: Stream, prefix: string): void {
  createInterface({ input: from, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
    clearLine(into);
    into.write(`${prefix}${line}\n`);
  });
}

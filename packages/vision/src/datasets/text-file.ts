import { readFileSync, statSync } from "node:fs";
import { InputError } from "@singleshot/base";
import type { Fault } from "./types.js";

/** A text is not what it should be: not in its encoding, too long, not in its syntax. */
export class TextFault extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
  }
}

/** No annotation of one picture, list of names or list of classes is that long. */
const MAX_BYTES = 32 * 2 ** 20;

/**
 * A text without its byte order mark.
 *
 * @param encodingOf tells the encoding from the first bytes
 * @throws TextFault when it is too long or not in its encoding; the system's error when it cannot be read
 */
export function readText(file: string, { maxBytes = MAX_BYTES, encodingOf = (_head: string): string => "utf-8" } = {}): string {
  if (statSync(file).size > maxBytes)
    throw new TextFault(`longer than ${maxBytes < 2 ** 20 ? `${maxBytes / 1024} kB` : `${maxBytes / 2 ** 20} MB`}`, 1);
  const bytes = readFileSync(file);
  const encoding = encodingOf(bytes.subarray(0, 200).toString("latin1"));
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new TextFault(`not a text in ${encoding}`, 1);
  }
}

/** What is wrong with one picture's file. Anything but a fault of the file is thrown again. */
export function faultOf(error: Error): Fault {
  if (error instanceof TextFault) return { kind: "broken-annotation", message: error.message, line: error.line };
  if ("code" in error) return { kind: "unreadable", message: error.message }; // the system's word: no permission, a broken disk
  throw error;
}

/** Reads a file on which the whole data set depends. @throws InputError where one picture's file would have a fault */
export function required<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { message, line } = faultOf(error as Error);
    throw new InputError(message, { file, ...(line !== undefined && { line }) });
  }
}

export interface Line {
  /** trimmed, not empty */
  text: string;
  /** from 1 */
  line: number;
}

export function linesOf(text: string): Line[] {
  const lines = text.split(/\r?\n/).map((line, i) => ({ text: line.trim(), line: i + 1 }));
  return lines.filter((line) => line.text !== "");
}

/** NaN for what is no decimal number; infinite for what is too large for one. */
export function decimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

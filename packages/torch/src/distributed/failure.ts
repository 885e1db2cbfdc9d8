import { hostname } from "node:os";
import { InputError } from "@singleshot/base";

/** Something that all ranks do together did not come to an end here: a rank is gone, late, or does something else. */
export class GroupFailure extends InputError {
  override name = "GroupFailure";
}

/** Who speaks, and of which processes. */
export interface Speaker {
  rank: number;
  size: number;
}

/** `rank 0 of 2 on node-a: ` before what went wrong. */
export const failed = ({ rank, size }: Speaker, problem: string, fix: string): GroupFailure =>
  new GroupFailure(`rank ${rank} of ${size} on ${hostname()}: ${problem}`, { fix });

/** What libtorch says of a collective, with who was in it and what is to be done. */
export function failureOf(speaker: Speaker, operation: string, error: unknown): GroupFailure {
  if (error instanceof GroupFailure) return error;
  return failed(
    speaker,
    `${operation} failed (${reasonOf(error)})`,
    "another rank has ended or waits elsewhere: see what each of them says last, then start all of them again, a training with --resume",
  );
}

/** The first line of what libtorch says. */
export const reasonOf = (error: unknown): string =>
  (error as Error).message
    .replace(/^\[\S+:\d+\] /, "") // Gloo begins with a line of its source
    .split("\n")[0]!
    .trim()
    .replace(/[.!]$/, "");

/** Gives what goes wrong in a collective its rank, host and operation. */
export async function named<T>(speaker: Speaker, operation: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw failureOf(speaker, operation, error);
  }
}

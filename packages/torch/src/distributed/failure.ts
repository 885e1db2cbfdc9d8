import { hostname } from "node:os";
import { InputError } from "../errors.js";

/** Something that all ranks do together did not come to an end here: a rank is gone, late, or does something else. */
export class GroupFailure extends InputError {
  override name = "GroupFailure";
}

/** Who speaks, and of which processes. */
export interface Speaker {
  rank: number;
  size: number;
}

/** What libtorch says of a collective, with who was in it and what is to be done. */
export function failureOf({ rank, size }: Speaker, operation: string, error: unknown): GroupFailure {
  if (error instanceof GroupFailure) return error;
  const [reason = ""] = (error as Error).message.replace(/^\[\S+:\d+\] /, "").split("\n"); // Gloo begins with a line of its source
  return new GroupFailure(`rank ${rank} of ${size} on ${hostname()}: ${operation} failed (${reason.trim().replace(/[.!]$/, "")})`, {
    fix: "another rank has ended or waits elsewhere: see what each of them says last, then start all of them again with --resume",
  });
}

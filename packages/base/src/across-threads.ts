import { InputError } from "./input-error.js";

/** An error on its way between threads: a message keeps no class of ours. */
export type PlainError = { wrongInput: Pick<InputError, "problem" | "place"> } | { error: Error };

export function plainError(error: unknown): PlainError {
  if (error instanceof InputError) return { wrongInput: { problem: error.problem, place: error.place } };
  return { error: error instanceof Error ? error : new Error(String(error)) };
}

/** What was thrown in the other thread. */
export const thrownError = (plain: PlainError): Error =>
  "wrongInput" in plain ? new InputError(plain.wrongInput.problem, plain.wrongInput.place) : plain.error;

import type { Kind } from "./kinds.js";

/** The values of a program's flags by the names of their first spelling: `--batch-size` is `batchSize`, `--eval_dir` is `eval_dir`. */
export type Values = Readonly<Record<string, unknown>>;

/** One flag of an original program: how it is written, what it does there, and what becomes of it here. The help is printed from it. */
export interface Row<Flags = Values> {
  /** Every spelling; the first one names the value. */
  flags: readonly [string, ...string[]];
  kind: Kind;
  /** What the original takes without it. */
  default?: unknown;
  choices?: readonly string[];
  /** What it does. */
  says: string;
  /** The recipe's key that takes the value. */
  into?: string;
  /** How the recipe writes the value. */
  as?: (value: never, flags: Flags) => unknown;
  /** When it counts, where that depends on other flags, and how one says so. */
  when?: { counts: (flags: Flags) => boolean; says: string };
  /** The recipe's key, or our own flag, that the program as a whole decides with it. */
  decides?: string;
  /** Of a value that wants a GPU: without one the flag has no effect, which is said. */
  wantsGpu?: (value: never) => boolean;
  /** The original accepts it without effect, or it makes no sense here: the sentence that says so. */
  ignored?: string;
  /** It cannot be had: the sentence that ends the program. */
  refused?: string;
}

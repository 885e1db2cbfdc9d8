import { noGrad, scope, type Tensor } from "@singleshot/torch";
import type { Progress } from "./run/index.js";

/** A number of training that is NaN or infinite. Weights have not been changed by the step. */
export class NotFinite extends Error {
  /** @param what "the loss is not finite (classification NaN, regression 0.5)" */
  constructor(readonly what: string) {
    super(what);
  }
}

const NAMED = 8; // pictures in a message

/** Where it happened and on which pictures, for a message. */
export function stepProblem({ what }: NotFinite, { epoch, globalStep }: Progress, entries: readonly { id: string }[]): string {
  const ids = entries.slice(0, NAMED).map(({ id }) => id);
  const more = entries.length > NAMED ? ` and ${entries.length - NAMED} more` : "";
  return `step ${globalStep + 1} of epoch ${epoch + 1}: ${what}, on ${ids.join(", ")}${more}`;
}

export const isFiniteTensor = (value: Tensor): boolean =>
  !value.dtype.includes("float") || scope(() => noGrad(() => value.isfinite().all().item() as unknown)) === true;

/** The name of the first tensor that holds a NaN or an infinity. */
export function firstNotFinite(values: Iterable<readonly [string, Tensor]>): string | undefined {
  for (const [name, value] of values) if (!isFiniteTensor(value)) return name;
  return undefined;
}

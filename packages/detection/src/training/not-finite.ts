import { noGrad, scope, type Tensor } from "@singleshot/torch";

/** A number of training that is NaN or infinite. Weights have not been changed by the step. */
export class NotFinite extends Error {
  /** @param what "the loss is not finite (classification NaN, regression 0.5)" */
  constructor(readonly what: string) {
    super(what);
  }
}

export const isFiniteTensor = (value: Tensor): boolean =>
  !value.dtype.includes("float") || scope(() => noGrad(() => value.isfinite().all().item() as unknown)) === true;

/** The name of the first tensor that holds a NaN or an infinity. */
export function firstNotFinite(values: Iterable<readonly [string, Tensor]>): string | undefined {
  for (const [name, value] of values) if (!isFiniteTensor(value)) return name;
  return undefined;
}

import type { DType } from "./dtype.js";
import { native } from "./native.js";

function refusePromise<T>(result: T, mode: string): T {
  if (result instanceof Promise) throw new TypeError(`${mode}: the body must not be asynchronous, the mode ends when it returns`);
  return result;
}

/** Runs `body` without recording for backward. */
export function noGrad<T>(body: () => T): T {
  const before = native.setGradMode(false);
  try {
    return refusePromise(body(), "noGrad");
  } finally {
    native.setGradMode(before);
  }
}

/** Runs `body` with recording, inside of a `noGrad`. */
export function enableGrad<T>(body: () => T): T {
  const before = native.setGradMode(true);
  try {
    return refusePromise(body(), "enableGrad");
  } finally {
    native.setGradMode(before);
  }
}

/** Like `noGrad`, cheaper still: what is made inside can never take part in a backward. */
export function inferenceMode<T>(body: () => T): T {
  native.enterInferenceMode();
  try {
    return refusePromise(body(), "inferenceMode");
  } finally {
    native.exitInferenceMode();
  }
}

let autocasting = false;

/**
 * Runs `body` with the operators that gain from it (convolutions, matrix products) in a 16-bit type; sums and losses stay in float32.
 * Inside of another autocast, `enabled: false` switches it off for the body.
 */
export function autocast<T>({ dtype = "bfloat16", enabled = true }: { dtype?: DType; enabled?: boolean }, body: () => T): T {
  const before = autocasting;
  native.enterAutocast(enabled, dtype);
  autocasting = enabled;
  try {
    return refusePromise(body(), "autocast");
  } finally {
    autocasting = before;
    native.exitAutocast();
  }
}

export const isAutocasting = (): boolean => autocasting;

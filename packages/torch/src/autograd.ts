import type { Device } from "./devices.js";
import type { DType } from "./dtype.js";
import { native } from "./native.js";

/** Runs `body` in a mode that was entered just now, and leaves it whatever happens. */
function during<T>(mode: string, body: () => T, leave: () => void): T {
  try {
    const result = body();
    if (result instanceof Promise) throw new TypeError(`${mode}: the body must not be asynchronous, the mode ends when it returns`);
    return result;
  } finally {
    leave();
  }
}

/** Runs `body` without recording for backward. */
export function noGrad<T>(body: () => T): T {
  const before = native.setGradMode(false);
  return during("noGrad", body, () => native.setGradMode(before));
}

/** Runs `body` with recording, inside of a `noGrad`. */
export function enableGrad<T>(body: () => T): T {
  const before = native.setGradMode(true);
  return during("enableGrad", body, () => native.setGradMode(before));
}

/** Like `noGrad`, cheaper still: what is made inside can never take part in a backward. */
export function inferenceMode<T>(body: () => T): T {
  native.enterInferenceMode(true);
  return during("inferenceMode", body, () => native.exitInferenceMode());
}

/** Leaves an `inferenceMode` around it: what is made inside is kept, and may take part in a backward later. */
export function outsideInference<T>(body: () => T): T {
  native.enterInferenceMode(false);
  return during("outsideInference", body, () => native.exitInferenceMode());
}

let autocasting = false;

/**
 * Runs `body` with the operators that gain from it (convolutions, matrix products) in a 16-bit type; sums and losses stay in float32.
 * It concerns tensors on one kind of device. Inside of another autocast, `enabled: false` switches it off for the body.
 */
export function autocast<T>(
  { dtype = "bfloat16", enabled = true, device = "cpu" }: { dtype?: DType; enabled?: boolean; device?: Device },
  body: () => T,
): T {
  const before = autocasting;
  native.enterAutocast(enabled, dtype, device);
  autocasting = enabled;
  return during("autocast", body, () => {
    autocasting = before;
    native.exitAutocast();
  });
}

export const isAutocasting = (): boolean => autocasting;

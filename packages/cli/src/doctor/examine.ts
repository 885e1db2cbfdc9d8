import type { Check } from "./check.js";
import { engineChecks } from "./engine.js";
import { diskCheck, memoryCheck, nodeCheck, pictureCheck } from "./machine.js";

/** All checks, the quick ones first, each as soon as it is done. */
export async function* examine(): AsyncGenerator<Check> {
  yield nodeCheck();
  yield memoryCheck();
  yield diskCheck();
  yield await pictureCheck();
  yield* await engineChecks();
}

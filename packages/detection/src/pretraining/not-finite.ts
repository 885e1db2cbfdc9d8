import { InputError } from "@singleshot/vision";
import type { Batch } from "../loader/index.js";
import type { NotFinite, Progress } from "../training/index.js";

const NAMED = 8; // pictures in a message

/** What the user is told of a step that went wrong. */
export function explained({ what }: NotFinite, { epoch, globalStep }: Progress, { entries }: Batch): InputError {
  const ids = entries.slice(0, NAMED).map(({ id }) => id);
  const more = entries.length > NAMED ? ` and ${entries.length - NAMED} more` : "";
  return new InputError(`step ${globalStep + 1} of epoch ${epoch + 1}: ${what}, on ${ids.join(", ")}${more}`, {
    fix: "lower the learning rate; the last checkpoint is as it was",
  });
}

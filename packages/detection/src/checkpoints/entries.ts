import { type nn, serialize, Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";

/** The dictionary at the top of a checkpoint. */
export type Entries = Map<string, unknown>;

export function readEntries(path: string): Entries {
  const saved = serialize.load(path);
  if (!(saved instanceof Map)) throw new InputError("no checkpoint: the file does not hold a dictionary", { file: path });
  return saved as Entries;
}

/** @throws InputError where the file was made by another network */
export function loadWeights(module: nn.Module, weights: ReadonlyMap<string, Tensor>, path: string): void {
  try {
    module.loadStateDict(weights);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(error.message, { file: path, fix: "the file was made by another network: name its recipe" });
  }
}

/** Frees every tensor of what was read. */
export function disposeAll(value: unknown): void {
  if (value instanceof Tensor) value.dispose();
  else if (value instanceof Map) for (const item of value.values()) disposeAll(item);
  else if (Array.isArray(value)) for (const item of value) disposeAll(item);
  else if (value !== null && typeof value === "object") for (const item of Object.values(value)) disposeAll(item);
}

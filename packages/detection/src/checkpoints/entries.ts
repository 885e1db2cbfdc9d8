import { type nn, serialize, Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";

/** The dictionary at the top of a checkpoint. */
export type Entries = Map<string, unknown>;

/**
 * Of a `.pth`, or of a `.safetensors`, whose tensors it is. What stands beside another system's form of weights, `recipe` and `classes`,
 * counts as if it stood inside.
 */
export function readEntries(path: string): Entries {
  const saved = serialize.load(path);
  if (!(saved instanceof Map)) throw new InputError("no checkpoint: the file does not hold a dictionary", { file: path });
  const beside = serialize.loadMetadata(path);
  for (const [key, text] of beside) if (!saved.has(key)) saved.set(key, key === "classes" ? listIn(text) : text);
  return saved as Entries;
}

function listIn(json: string): string[] | null {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

const LAYOUTS = ["ema", "model", "model_state", "state_dict"]; // our moving average, ours and torchvision's, sparrow's, what many others write

/**
 * The weights of a file: those of a checkpoint that keeps them under a name of its own, or the dictionary itself. The prefix `module.`
 * of a run on several devices is taken off; what is no tensor is left out.
 */
export function stateDictOf(entries: Entries): Map<string, Tensor> {
  const layout = LAYOUTS.find((name) => entries.get(name) instanceof Map);
  const weights = layout === undefined ? entries : (entries.get(layout) as Entries);
  return new Map(
    [...weights].flatMap(([key, value]): [string, Tensor][] => (value instanceof Tensor ? [[key.replace(/^module\./, ""), value]] : [])),
  );
}

/** @throws InputError where the file was made by another network */
export function loadWeights(module: nn.Module, weights: ReadonlyMap<string, Tensor>, path: string): void {
  try {
    module.loadStateDict(weights);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(error.message, {
      file: path,
      fix: "the file was made by another network or for other classes: name the right ones",
    });
  }
}

/** Frees every tensor of what was read. */
export function disposeAll(value: unknown): void {
  if (value instanceof Tensor) value.dispose();
  else if (value instanceof Map) for (const item of value.values()) disposeAll(item);
  else if (Array.isArray(value)) for (const item of value) disposeAll(item);
  else if (value !== null && typeof value === "object") for (const item of Object.values(value)) disposeAll(item);
}

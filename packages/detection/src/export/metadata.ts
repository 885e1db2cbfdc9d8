import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Detector } from "../detectors/index.js";
import type { Recipe } from "../recipes/index.js";
import { convertedBytes } from "./graph/index.js";

/** What a model file says of itself besides its graph. Its keys are the contract of docs/export.md. */
export function metadataOf(detector: Detector, recipe: Recipe, rest: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(
    Object.entries({
      singleshot: VERSION,
      classes: JSON.stringify(detector.classes),
      recipe: JSON.stringify(recipe),
      weights: digestOf(detector),
      ...rest,
    }),
  );
}

/** Of the packages, which have one version together. */
export const { version: VERSION } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

/** SHA-256 of the state dict: every key and its elements, in its order. */
function digestOf(detector: Detector): string {
  const hash = createHash("sha256");
  for (const [key, tensor] of detector.stateDict()) hash.update(`${key}\0`).update(convertedBytes(tensor, tensor.dtype as "float32"));
  return hash.digest("hex");
}

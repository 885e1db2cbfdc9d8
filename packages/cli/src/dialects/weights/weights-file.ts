import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { serialize } from "@singleshot/torch";
import type { WatchedRun } from "../program/index.js";

/**
 * Writes a file as the original writes it, with the recipe and the classes beside the value, where PyTorch does not look: so that other
 * programs here know the network, its resolution and its classes.
 */
export function writeWeights(
  path: string,
  value: Parameters<typeof serialize.save>[1],
  { recipe, classes }: Pick<WatchedRun, "recipe" | "classes">,
): void {
  mkdirSync(dirname(path), { recursive: true });
  serialize.save(
    path,
    value,
    new Map([
      ["recipe", JSON.stringify(recipe)],
      ["classes", JSON.stringify(classes)],
    ]),
  );
}

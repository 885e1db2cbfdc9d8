import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Device } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import {
  disposeAll,
  type Entries,
  loadWeights,
  publishedDetector,
  publishedFile,
  publishedWeights,
  readEntries,
  stateDictOf,
} from "../checkpoints/index.js";
import { createDetector, type Detector, weightsFor } from "../detectors/index.js";
import { type Recipe, resolveRecipe } from "../recipes/index.js";

/** A trained detector, ready to be used. */
export interface Model {
  /** In evaluation mode. */
  detector: Detector;
  recipe: Recipe;
  /** The file its weights came from. */
  file: string;
}

/** The weights file of a run directory (its best by mAP, else its last), that of a published name, or the file itself. */
export function weightsFile(path: string): string {
  const published = publishedWeights(path);
  if (published) return publishedFile(published);
  if (!existsSync(path)) throw new InputError("no such run or model file", { file: path });
  if (!statSync(path).isDirectory()) return path;
  const found = ["best", "last"].map((name) => join(path, "checkpoints", `${name}.pth`)).find(existsSync);
  if (!found)
    throw new InputError("no checkpoint in this folder", {
      file: path,
      fix: "name a run directory that `train` wrote, or a .pth or .safetensors file",
    });
  return found;
}

export interface LoadOptions {
  /** Where it will compute, as `findDevice` names it. Left out: the CPU. */
  device?: Device;
  /** Changes what is no matter of weights before the detector is made: how answers become detections, for instance. */
  adjust?: (recipe: Recipe) => Recipe;
  /** What made the file, where it does not say so itself: a state dict that another program wrote. */
  otherwise?: { recipe: Recipe; classes: readonly string[] };
}

/**
 * Loads a detector from a run directory, or a `.pth` or `.safetensors` that `train` or `export` wrote; the recipe and the classes travel inside.
 * Or one that torchvision has published, by its name. Where a moving average of the weights was kept, it is what is used.
 */
export function loadModel(path: string, { device = "cpu", adjust = (recipe) => recipe, otherwise }: LoadOptions = {}): Model {
  const published = publishedWeights(path);
  const known = published ? publishedDetector(published) : otherwise;
  const file = weightsFile(path);
  const saved = readEntries(file);
  try {
    const { recipe: own, classes } = described(saved, file, known);
    const recipe = adjust(own);
    const detector = createDetector(recipe.detector, classes);
    loadWeights(detector, weightsFor(detector, stateDictOf(saved), file), file);
    return { detector: detector.to({ device }).eval(), recipe, file };
  } finally {
    disposeAll(saved);
  }
}

function described(saved: Entries, file: string, otherwise: LoadOptions["otherwise"]): { recipe: Recipe; classes: readonly string[] } {
  const [recipe, classes] = [saved.get("recipe"), saved.get("classes")];
  if (typeof recipe === "string" && Array.isArray(classes))
    return { recipe: resolveRecipe(JSON.parse(recipe), { file }), classes: classes.map(String) };
  if (otherwise) return otherwise;
  throw new InputError("the file has weights, but not the recipe and classes that belong to them", {
    file,
    fix: "`singleshot export FILE --recipe NAME --format pth --out OTHER` writes one that has them",
  });
}

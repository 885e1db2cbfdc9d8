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

/** What made a file of weights, and the classes that it knows. */
export interface Origin {
  recipe: Recipe;
  classes: readonly string[];
}

export interface LoadOptions {
  /** Where it will compute, as `findDevice` names it. Left out: the CPU. */
  device?: Device;
  /** Changes what is no matter of weights before the detector is made: how answers become detections, for instance. */
  adjust?: (recipe: Recipe) => Recipe;
  /** Of a file that does not say itself what made it: a state dict that another program wrote. */
  otherwise?: Origin;
  /** What made the file, where somebody insists on it: what says itself what made it, a published name too, is refused. */
  madeBy?: Origin;
}

/**
 * Loads a detector from a run directory, or a `.pth` or `.safetensors` that `train` or `export` wrote; the recipe and the classes travel inside.
 * Or one that torchvision has published, by its name. Where a moving average of the weights was kept, it is what is used.
 */
export function loadModel(path: string, options: LoadOptions = {}): Model {
  const { device = "cpu", adjust = (recipe) => recipe } = options;
  const published = publishedWeights(path);
  const known = published && publishedDetector(published);
  const file = weightsFile(path);
  const saved = readEntries(file);
  try {
    const { recipe: own, classes } = originOf(known ?? described(saved, file), path, { ...options, file });
    const recipe = adjust(own);
    const detector = createDetector(recipe.detector, classes);
    loadWeights(detector, weightsFor(detector, stateDictOf(saved), file), file);
    return { detector: detector.to({ device }).eval(), recipe, file };
  } finally {
    disposeAll(saved);
  }
}

/** What a file says of itself. */
function described(saved: Entries, file: string): Origin | undefined {
  const [recipe, classes] = [saved.get("recipe"), saved.get("classes")];
  if (typeof recipe !== "string" || !Array.isArray(classes)) return undefined;
  return { recipe: resolveRecipe(JSON.parse(recipe), { file }), classes: classes.map(String) };
}

function originOf(own: Origin | undefined, path: string, { file, madeBy, otherwise }: LoadOptions & { file: string }): Origin {
  if (own && madeBy) throw new InputError("it says itself what it is", { file: path, fix: "leave --recipe out" });
  const origin = own ?? madeBy ?? otherwise;
  if (origin) return origin;
  throw new InputError("the file has weights, but not the recipe and classes that belong to them", {
    file,
    fix: "name its recipe with --recipe, its classes with --labels (`serve`: write a file that has them with `singleshot export`)",
  });
}

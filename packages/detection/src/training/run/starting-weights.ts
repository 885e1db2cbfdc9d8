import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { disposeAll, type Entries, publishedFile, publishedWeights, readEntries, stateDictOf } from "../../checkpoints/index.js";
import { type AdoptedClasses, adoptWeights, classCount, type Detector, loadBackboneFile } from "../../detectors/index.js";
import { weightsFile } from "../../evaluation/index.js";
import type { Recipe } from "../../recipes/index.js";

/**
 * The weights that training starts from, as the recipe names them: a classifier's for the backbone, or a whole detector's, whose class
 * rows are taken over by name.
 *
 * @param told is given what became of the classes, where they differ
 * @throws InputError where a file is missing or was made by another network
 */
export function startingWeights(detector: Detector, { training }: Recipe, told: (message: string) => void): void {
  if (training.backbone !== undefined)
    for (const line of loadBackboneFile(detector, namedFile(training.backbone) ?? training.backbone)) told(line);
  if (training.weights !== undefined) loadDetectorWeights(detector, training.weights, told);
}

/** Of a published name. */
function namedFile(source: string): string | undefined {
  const published = publishedWeights(source);
  return published && publishedFile(published);
}

/**
 * Gives a detector the weights of another one of its kind: of a run, of a `.pth` that `train`, torchvision, pytorch-ssd or sparrow wrote,
 * or of one that torchvision has published.
 */
function loadDetectorWeights(detector: Detector, source: string, told: (message: string) => void): void {
  const file = weightsFile(source);
  const entries = readEntries(file);
  try {
    const weights = stateDictOf(entries);
    const classes =
      publishedWeights(source)?.detector?.classes ?? ownClasses(entries) ?? classesBeside(file, classCount(detector, weights));
    for (const line of changes(adoptWeights(detector, weights, { file, ...(classes && { classes }) }))) told(line);
  } finally {
    disposeAll(entries);
  }
}

function ownClasses(entries: Entries): string[] | undefined {
  const own = entries.get("classes");
  return Array.isArray(own) ? own.map(String) : undefined;
}

/**
 * Those of the `labels.txt` beside the file, whose first line may be the background's. Where it lists another number of classes it
 * belongs to something else: to a run that wrote its own into the same folder, for instance.
 */
function classesBeside(file: string, count: number | undefined): string[] | undefined {
  const labels = join(dirname(file), "labels.txt");
  if (!existsSync(labels)) return undefined;
  const names = readFileSync(labels, "utf8").split("\n").filter(Boolean);
  const classes = names[0] === "BACKGROUND" ? names.slice(1) : names;
  return classes.length === count ? classes : undefined;
}

function changes({ kept, added, dropped, guessed }: AdoptedClasses & { guessed: boolean }): string[] {
  if (added.length + dropped.length === 0)
    return guessed ? ["the file does not name its classes: they are taken for yours, in your order"] : [];
  if (guessed) return [`the file does not name its classes, and has ${dropped.length}: yours start anew`];
  const list = (names: readonly string[]) => (names.length > 0 ? names.join(", ") : "none");
  return [`classes kept from the file: ${list(kept)}; new: ${list(added)}; dropped: ${list(dropped)}`];
}

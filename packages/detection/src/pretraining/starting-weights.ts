import type { Tensor } from "@singleshot/torch";
import { type Classifier, Extractor, resnetKeyToScratch } from "../backbones/index.js";
import { disposeAll, loadWeights, readEntries, rename, stateDictOf } from "../checkpoints/index.js";

/**
 * Gives a classifier the weights of a file: a state dict, or a checkpoint that has one as `model`. The last layer starts anew where the
 * file's has another number of classes, which is told. A ResNet-50 of torchvision fits the tutorial's extractor too.
 *
 * @throws InputError where the file was made by another network
 */
export function startingWeights(model: Classifier, file: string, told: (message: string) => void): void {
  const entries = readEntries(file);
  try {
    const saved = stateDictOf(entries);
    const weights = model instanceof Extractor ? rename(saved, resnetKeyToScratch) : saved;
    const own = model.stateDict();
    const strange = lastLayerOf(model).filter((key) => !sameShape(own.get(key), weights.get(key)));
    if (strange.length > 0) told(`${file} was made for other classes: the last layer starts anew`);
    loadWeights(model, new Map([...weights, ...strange.map((key): [string, Tensor] => [key, own.get(key)!])]), file);
  } finally {
    disposeAll(entries);
  }
}

/** The keys of the layer that answers. */
function lastLayerOf(model: Classifier): string[] {
  const keys = [...model.parameters().keys()];
  const layer = keys.at(-1)!.replace(/[^.]+$/, "");
  return keys.filter((key) => key.startsWith(layer));
}

const sameShape = (a: Tensor | undefined, b: Tensor | undefined) => a?.shape.join() === b?.shape.join();

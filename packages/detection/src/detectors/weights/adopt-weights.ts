import { defaultGenerator, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { loadWeights, modernRetinaNetKey, rename } from "../../checkpoints/index.js";
import type { Detector } from "../detector.js";
import { createDetector } from "../registry.js";
import { type AdoptedClasses, adoptClasses, optionsFor } from "./reset-classes.js";

export interface AdoptOptions {
  /** for messages */
  file: string;
  /** what the weights were trained for; left out: as many classes as their heads answer for, of unknown names */
  classes?: readonly string[];
}

/**
 * Gives a detector the weights of another one of its network, class rows by class name. Weights for as many classes whose names are
 * unknown are taken for the detector's own classes, in their order. The random streams stay where they were.
 *
 * @returns what became of the classes; `guessed` where their names are unknown
 * @throws InputError where the weights are another network's
 */
export function adoptWeights(
  detector: Detector,
  weights: ReadonlyMap<string, Tensor>,
  { file, classes }: AdoptOptions,
): AdoptedClasses & { guessed: boolean } {
  const modern = byOwnKeys(detector, weights);
  const names = classes ?? unknownNames(detector, modern);
  if (names.join("\n") === detector.classes.join("\n")) {
    loadWeights(detector, modern, file);
    return { kept: [...names], added: [], dropped: [], guessed: classes === undefined };
  }
  using before = defaultGenerator.state;
  const other = createDetector(optionsFor(detector.options, names), names);
  try {
    loadWeights(other, modern, file);
    return { ...adoptClasses(detector, other), guessed: classes === undefined };
  } finally {
    other.dispose();
    defaultGenerator.state = before;
  }
}

/**
 * The weights of another detector of the same network and classes, by the keys that it has now.
 * @throws InputError where they are for another number of classes
 */
export function weightsFor(detector: Detector, weights: ReadonlyMap<string, Tensor>, file: string): ReadonlyMap<string, Tensor> {
  const modern = byOwnKeys(detector, weights);
  const [count, own] = [classCount(detector, modern), detector.classes.length];
  if (count === undefined || count === own) return modern;
  throw new InputError(`its weights are for ${count} classes, and there ${own === 1 ? "is" : "are"} ${own}`, {
    file,
    fix: "name the classes that it was trained for; a training for others starts from it with --weights",
  });
}

/** RetinaNet's first files had other keys. */
function byOwnKeys({ options }: Detector, weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  return options.network.name === "retinanet-resnet50-fpn" ? rename(weights, modernRetinaNetKey) : weights;
}

/** As many names as the file's class head has rows for: the detector's own where it has as many. */
function unknownNames(detector: Detector, weights: ReadonlyMap<string, Tensor>): readonly string[] {
  const { classes } = detector;
  const count = classCount(detector, weights);
  if (count === undefined || count === classes.length) return classes;
  return Array.from({ length: count }, (_, i) => `class ${i + 1} of the file`);
}

/** How many classes the rows of the class head are for; undefined where it is another network's: loading says so. */
export function classCount({ network, options, classes }: Detector, weights: ReadonlyMap<string, Tensor>): number | undefined {
  const background = options.scores === "sigmoid" ? 0 : 1;
  const layer = network.classLayers[0]!;
  const [key] = [...network.stateDict()].find(([, value]) => value === layer.weight)!;
  const anchors = layer.outChannels / (classes.length + background);
  const count = (weights.get(key)?.shape[0] ?? 0) / anchors - background;
  return Number.isInteger(count) && count > 0 ? count : undefined;
}

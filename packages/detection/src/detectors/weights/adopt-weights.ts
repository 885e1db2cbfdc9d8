import { defaultGenerator, type Tensor } from "@singleshot/torch";
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

/** Weights of the detector's network by the keys that it has now: RetinaNet's first files had others. */
export function byOwnKeys({ options }: Detector, weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  return options.network.name === "retinanet-resnet50-fpn" ? rename(weights, modernRetinaNetKey) : weights;
}

/** As many names as the file's class head has rows for: the detector's own where it has as many. */
function unknownNames(detector: Detector, weights: ReadonlyMap<string, Tensor>): readonly string[] {
  const { classes } = detector;
  const count = classCount(detector, weights);
  if (count === classes.length || !Number.isInteger(count) || count < 1) return classes; // where it is another network, loading says so
  return Array.from({ length: count }, (_, i) => `class ${i + 1} of the file`);
}

/** For how many classes the heads answer whose weights these are, background aside; no whole number where they are another network's. */
export function classCount({ network, options, classes }: Detector, weights: ReadonlyMap<string, Tensor>): number {
  const background = options.scores === "sigmoid" ? 0 : 1;
  const layer = network.classLayers[0]!;
  const [key] = [...network.stateDict()].find(([, value]) => value === layer.weight)!;
  const anchors = layer.outChannels / (classes.length + background);
  return (weights.get(key)?.shape[0] ?? 0) / anchors - background;
}

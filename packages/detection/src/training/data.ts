import { type AugmentationStep, augmentationPresets, type Dataset, InputError, type InputOptions } from "@singleshot/vision";
import { Loader } from "../loader/index.js";
import type { Recipe } from "../recipes/index.js";
import type { Share } from "../together/index.js";
import { samplingOf } from "./sampling.js";

interface LoadingOptions {
  data: Recipe["data"];
  /** How pictures are laid into the network's input. */
  input: InputOptions;
  /** This process's part of each batch. */
  share?: Share;
  seed: number;
}

/** The loader of a detector's training data. */
export function trainingLoader(
  { data, detector, training }: Recipe,
  dataset: Dataset,
  warned: (message: string) => void,
  share?: Share,
): Loader {
  return loaderOf({ data, input: detector.input, seed: training.seed, ...(share && { share }) }, dataset, warned);
}

/** The loader of training data. A picture that cannot be read is told once and left out. */
export function loaderOf({ data, input, seed, share }: LoadingOptions, dataset: Dataset, warned: (message: string) => void): Loader {
  if (dataset.entries.length === 0)
    throw new InputError("no picture to train on is left", { file: dataset.name, fix: "look at the problems listed above" });
  return new Loader({
    entries: dataset.entries,
    augmentation: augmentationOf(data),
    input,
    batchSize: data.batchSize,
    ...(share && { share }),
    seed,
    shuffle: true,
    ...samplingOf(data, dataset, seed, warned),
    workers: data.workers,
    cacheBytes: data.cacheMegabytes * 2 ** 20,
    shrinkOnLoad: data.shrinkOnLoad,
    broken: data.brokenPictures,
    onBroken: (error) => warned(`left out: ${error.message}`),
  });
}

/** The steps that a recipe spells out or names. */
const augmentationOf = ({ augmentation }: Recipe["data"]): readonly AugmentationStep[] =>
  typeof augmentation === "string" ? augmentationPresets[augmentation] : augmentation;

import { type AugmentationStep, augmentationPresets, type Dataset, InputError, type InputOptions } from "@singleshot/vision";
import type { Share } from "../distributed/index.js";
import { isAllDifficult, Loader, withoutDifficult } from "../loader/index.js";
import type { Recipe } from "../recipes/index.js";
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
  const { input, trainingInput = input } = detector;
  return loaderOf({ data, input: trainingInput, seed: training.seed, ...(share && { share }) }, dataset, warned);
}

/** The loader of training data. A picture that cannot be read is told once and left out. */
export function loaderOf({ data, input, seed, share }: LoadingOptions, found: Dataset, warned: (message: string) => void): Loader {
  const dataset = learnable(found, data, warned);
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

/** What is to be learned from: where the recipe skips difficult objects, no picture that shows nothing else. */
function learnable(dataset: Dataset, { difficult }: Recipe["data"], warned: (message: string) => void): Dataset {
  if (difficult === "train") return dataset;
  const pictures = dataset.entries.filter((entry) => !isAllDifficult(entry));
  const left = dataset.entries.length - pictures.length;
  if (left > 0) warned(`left out: ${left} ${left === 1 ? "picture whose" : "pictures whose"} objects are all marked difficult`);
  return { ...dataset, entries: withoutDifficult(pictures) };
}

/** The steps that a recipe spells out or names. */
const augmentationOf = ({ augmentation }: Recipe["data"]): readonly AugmentationStep[] =>
  typeof augmentation === "string" ? augmentationPresets[augmentation] : augmentation;

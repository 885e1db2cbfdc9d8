import {
  aspectGroups,
  balancedPictures,
  CROWD,
  type Dataset,
  type DatasetEntry,
  InputError,
  randomOf,
  repeatFactors,
} from "@singleshot/vision";
import type { Sampling } from "../loader/index.js";
import type { Recipe } from "../recipes/index.js";

type Pictures = Pick<Dataset, "name" | "classes" | "entries">;

/**
 * Which pictures of a data set a recipe shows in an epoch, how often, and in which batches.
 *
 * @param warned is told of classes that no picture shows, where these are balanced
 * @throws {InputError} where classes are to be balanced and no picture shows any
 */
export function samplingOf(data: Recipe["data"], dataset: Pictures, seed: number, warned: (message: string) => void): Sampling {
  const { lastBatch, aspectGroups: factor, balance, repeatThreshold } = data;
  const { entries, classes } = dataset;
  return {
    last: lastBatch,
    ...(balance && { pictures: balanced(dataset, seed, warned) }),
    ...(factor !== false && { groups: aspectGroups(entries, factor) }),
    ...(repeatThreshold !== false && { repeats: repeatFactors(entries.map(learned), classes.length, repeatThreshold) }),
  };
}

function balanced({ name, entries, classes }: Pictures, seed: number, warned: (message: string) => void): number[] {
  const pictures = balancedPictures(entries.map(learned), classes, randomOf(seed), warned);
  if (pictures.length === 0)
    throw new InputError("no picture shows an object: there are no classes to balance", { file: name, fix: "set data.balance to false" });
  return pictures;
}

/** The labels of what is learned from: no crowds. */
const learned = ({ labels, flags }: DatasetEntry) => labels.filter((_, i) => !(flags[i]! & CROWD));

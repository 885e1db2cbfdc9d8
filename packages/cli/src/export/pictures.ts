import { existsSync } from "node:fs";
import { drawnPictures, isRun, type Model, readConfig } from "@singleshot/detection";
import { type Dataset, InputError, type Picture } from "@singleshot/vision";
import { decodePicture, readDataset } from "@singleshot/vision/node";
import { chooseSplit, type DataSource, dataSource, readSplit, sourceOfRun } from "../data/index.js";
import type { DataFlags } from "../options/index.js";
import type { Terminal } from "../terminal/index.js";

export interface ExportPictures {
  /** A few, decoded. */
  pictures: Picture[];
  /** What they are, for a sentence: "pictures of test". */
  from: string;
  /** All of the split, where there is one. */
  dataset?: Dataset;
}

const LOOKED_AT = 8; // one, three, four at a time

/** What an export is verified with: pictures of the data set that is named, or that a run was trained on; else drawn ones. */
export async function picturesFor(
  path: string,
  { detector, recipe }: Model,
  flags: DataFlags & { split?: string },
  terminal: Terminal,
): Promise<ExportPictures> {
  const source = sourceFor(path, flags);
  if (!source) return { pictures: drawnPictures(LOOKED_AT), from: "drawn pictures (--data DIR takes photographs)" };
  const split = chooseSplit(source, flags.split, [recipe.evaluation.split, "test", "val"]);
  const dataset = await readSplit(source, { split, classes: detector.classes }, terminal);
  const pictures = await Promise.all(dataset.entries.slice(0, LOOKED_AT).map(({ imageFile }) => decodePicture(imageFile)));
  return { pictures, from: `pictures of ${split ?? dataset.name}`, dataset };
}

const CALIBRATED_ON = 64; // pictures; the ranges hardly move after thirty

/** Pictures like those that the detector will see, to find the ranges of an 8-bit model: some of those that are trained on. */
export async function calibrationPictures(
  path: string,
  { detector }: Model,
  flags: DataFlags,
  onProgress: (progress: { done: number; total: number }) => void,
): Promise<AsyncIterable<Picture>> {
  const source = sourceFor(path, flags);
  if (!source)
    throw new InputError("8 bits need pictures to find the ranges of all values", {
      file: "--precision int8",
      fix: "name a data set with --data",
    });
  const split = chooseSplit(source, undefined, ["train", "trainval"]);
  const { entries } = await readDataset(source.roots, {
    ...source.options,
    ...(split !== undefined && { split }),
    classes: detector.classes,
  });
  const total = Math.min(CALIBRATED_ON, entries.length);
  const chosen = Array.from({ length: total }, (_, i) => entries[Math.floor((i * entries.length) / total)]!);
  return (async function* () {
    for (const [done, { imageFile }] of chosen.entries()) {
      yield await decodePicture(imageFile);
      onProgress({ done: done + 1, total });
    }
  })();
}

/** A run's data set may have moved away since. */
function sourceFor(path: string, flags: DataFlags): DataSource | undefined {
  const isNamed = flags.data !== undefined || flags.annotations !== undefined;
  if (!isRun(path)) return isNamed ? dataSource(flags) : withoutData(flags);
  const { data } = readConfig(path);
  return isNamed || [data.root].flat().every((root) => existsSync(root)) ? sourceOfRun(data, flags) : undefined;
}

/** @throws InputError for flags that nothing would heed */
function withoutData({ dataset, pixelsFrom, groups }: DataFlags): undefined {
  const flags = { "--dataset": dataset, "--pixels-from": pixelsFrom, "--groups": groups };
  const unheeded = Object.entries(flags).find(([, value]) => value !== undefined);
  if (unheeded) throw new InputError(`${unheeded[0]} goes with --data`, { fix: "name the data set too" });
}

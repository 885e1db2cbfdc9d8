import { InputError } from "@singleshot/base";
import { contactSheet, drawDetections, loadSample } from "../images/index.js";
import { permutation, randomOf } from "../random.js";
import type { Picture, Sample } from "../sample.js";
import { type AugmentationStep, augment } from "../transforms/index.js";
import { noSuchClass } from "./class-list.js";
import type { Dataset } from "./types.js";

export interface ShowOptions {
  count?: number;
  seed?: number;
  /** pictures that show this class */
  className?: string;
  /** beside each picture what training sees of it */
  steps?: readonly AugmentationStep[];
  /** pixels of a side, for that */
  size?: number;
}

/**
 * A sheet of pictures with their boxes, chosen at random by the seed.
 *
 * @throws InputError when there is no such class or no picture
 */
export async function showDataset(
  dataset: Dataset,
  { count = 6, seed = 0, className, steps, size = 320 }: ShowOptions = {},
): Promise<Picture> {
  const { classes } = dataset;
  const label = className === undefined ? undefined : classes.indexOf(className) + 1;
  if (label === 0) throw noSuchClass(className!, classes);
  const candidates = dataset.entries.filter(({ labels }) => label === undefined || labels.includes(label));
  if (candidates.length === 0) throw new InputError("there is no picture to show", { file: dataset.name });
  const order = permutation(randomOf(seed), candidates.length).slice(0, count);
  const cells: { image: Picture; title: string }[] = [];
  for (const [i, index] of order.entries()) {
    const sample = await loadSample(candidates[index]!);
    cells.push({ image: await drawn(sample, classes), title: sample.id });
    if (!steps) continue;
    const { sample: seen } = augment(sample, steps, randomOf(seed, 1, i), { resize: "stretch", width: size, height: size });
    cells.push({ image: await drawn(seen, classes), title: `${sample.id}, augmented` });
  }
  return contactSheet(cells, { columns: cells.length === 1 ? 1 : steps || cells.length <= 4 ? 2 : 3 });
}

const drawn = ({ image, boxes, labels }: Sample, classes: readonly string[]) => drawDetections(image, { boxes, labels }, classes);

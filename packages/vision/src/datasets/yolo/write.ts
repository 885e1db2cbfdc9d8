import { join } from "node:path";
import { stringify } from "yaml";
import type { RawObject } from "../types.js";
import {
  allImages,
  copyPictures,
  type DatasetWriter,
  isOverlapping,
  lines,
  pictureName,
  type WrittenImage,
  writeText,
} from "../writing/index.js";

/** Where a data set has no splits, its pictures are to train on. */
const ONLY_SPLIT = "train";

/**
 * Writes YOLO: `data.yaml`, `images/<split>/`, `labels/<split>/`; where splits share pictures, `images/`, `labels/` and a list for each
 * split. A picture without objects gets an empty text file.
 */
export const writeYolo: DatasetWriter = async (out, dataset) => {
  const { classes } = dataset;
  const splits = dataset.splits.map(({ name = ONLY_SPLIT, images }) => ({ name, images }));
  const isShared = isOverlapping(dataset);
  const places = splits.map(({ name }): [string, string] => [name, isShared ? `${name}.txt` : `images/${name}`]);
  await writeText(join(out, "data.yaml"), stringify({ ...Object.fromEntries(places), nc: classes.length, names: classes }));
  const folders = isShared ? [{ name: "", images: allImages(dataset) }] : splits;
  for (const { name, images } of folders) await writePictures(out, name, images, classes);
  if (!isShared) return;
  for (const { name, images } of splits)
    await writeText(join(out, `${name}.txt`), lines(images.map((image) => `./images/${pictureName(image)}`)));
};

async function writePictures(out: string, folder: string, images: readonly WrittenImage[], classes: readonly string[]): Promise<void> {
  const numbers = new Map(classes.map((name, i) => [name, i]));
  for (const image of images) {
    await writeText(join(out, "labels", folder, `${image.id}.txt`), lines(image.objects.map((object) => lineOf(image, object, numbers))));
  }
  await copyPictures(images, (image) => join(out, "images", folder, pictureName(image)));
}

function lineOf({ width, height }: WrittenImage, { name, box: [x1, y1, x2, y2] }: RawObject, numbers: ReadonlyMap<string, number>): string {
  return [numbers.get(name)!, (x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height].join(" ");
}

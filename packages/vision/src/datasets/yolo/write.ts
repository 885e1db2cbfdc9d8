import { join } from "node:path";
import { stringify } from "yaml";
import type { RawObject } from "../types.js";
import { copyPictures, type DatasetWriter, lines, pictureName, type WrittenImage, writeText } from "../writing/index.js";

/** Where a data set has no splits, its pictures are to train on. */
const ONLY_SPLIT = "train";

/** Writes YOLO: `data.yaml`, `images/<split>/`, `labels/<split>/`. A picture without objects gets an empty text file. */
export const writeYolo: DatasetWriter = async (out, { classes, splits }) => {
  const numbers = new Map(classes.map((name, i) => [name, i]));
  const named = splits.map(({ name = ONLY_SPLIT, images }) => ({ name, images }));
  const places = named.map(({ name }): [string, string] => [name, `images/${name}`]);
  await writeText(join(out, "data.yaml"), stringify({ ...Object.fromEntries(places), nc: classes.length, names: classes }));
  for (const { name, images } of named) {
    for (const image of images)
      await writeText(join(out, "labels", name, `${image.id}.txt`), lines(image.objects.map((object) => lineOf(image, object, numbers))));
    await copyPictures(images, (image) => join(out, "images", name, pictureName(image)));
  }
};

function lineOf({ width, height }: WrittenImage, { name, box: [x1, y1, x2, y2] }: RawObject, numbers: ReadonlyMap<string, number>): string {
  return [numbers.get(name)!, (x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height].join(" ");
}

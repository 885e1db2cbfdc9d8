import { join } from "node:path";
import type { RawObject } from "../types.js";
import {
  allImages,
  copyPictures,
  type DatasetWriter,
  labelsText,
  lines,
  pictureName,
  type WrittenImage,
  writeText,
} from "../writing/index.js";

/** Where a data set has no splits, its pictures are to train on. */
const ONLY_SPLIT = "train";

/** Writes list files, `<split>.txt`, with `labels.txt` and all pictures in `images`. */
export const writeList: DatasetWriter = async (out, dataset) => {
  const numbers = new Map(dataset.classes.map((name, i) => [name, i + 1]));
  await writeText(join(out, "labels.txt"), labelsText(dataset.classes));
  for (const { name = ONLY_SPLIT, images } of dataset.splits) {
    await writeText(join(out, `${name}.txt`), lines(images.map((image) => lineOf(image, numbers))));
  }
  await copyPictures(allImages(dataset), (image) => join(out, "images", pictureName(image)));
};

function lineOf(image: WrittenImage, numbers: ReadonlyMap<string, number>): string {
  const group = ({ name, box: [x1, y1, x2, y2] }: RawObject) => [y1, x1, y2, x2, numbers.get(name)!];
  return [pictureName(image), ...(image.objects.length > 0 ? image.objects.flatMap(group) : [0, 0, 0, 0, 0])].join(" ");
}

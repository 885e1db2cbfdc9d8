import { join } from "node:path";
import { CROWD } from "../../sample.js";
import type { RawObject } from "../types.js";
import {
  allImages,
  copyPictures,
  type DatasetWriter,
  isOverlapping,
  labelsText,
  pictureName,
  type WrittenImage,
  writeText,
} from "../writing/index.js";
import type { Fields } from "./read.js";
import { annotationTable } from "./table.js";

/** Where a data set has no splits, its pictures are to train on. */
const ONLY_SPLIT = "train";

/**
 * Writes Open Images as jetson's downloader does: `sub-<split>-annotations-bbox.csv`, pictures in `<split>/`; and `labels.txt`. Where
 * splits share pictures, all lie in `images/`.
 */
export const writeOpenImages: DatasetWriter = async (out, dataset) => {
  const { classes, splits } = dataset;
  await writeText(join(out, "labels.txt"), labelsText(classes));
  if (isOverlapping(dataset)) await copyPictures(allImages(dataset), (image) => join(out, "images", pictureName(image)));
  for (const { name = ONLY_SPLIT, images } of splits) {
    const rows = images.flatMap((image) => image.objects.map((object) => rowOf(image, object)));
    await writeText(join(out, `sub-${name}-annotations-bbox.csv`), annotationTable(rows));
    if (!isOverlapping(dataset)) await copyPictures(images, (image) => join(out, name, pictureName(image)));
  }
};

function rowOf(
  { id, width, height }: WrittenImage,
  { name, box: [x1, y1, x2, y2], flags, truncated, occluded, origin }: RawObject,
): Fields {
  const values: [string, string | number][] = [
    ["Source", ""],
    ["LabelName", ""],
    ["Confidence", 1],
    ["IsDepiction", 0],
    ["IsInside", 0],
    ...(origin?.openimages ?? []),
    ["ImageID", id],
    ["ClassName", name],
    ["XMin", x1 / width],
    ["XMax", x2 / width],
    ["YMin", y1 / height],
    ["YMax", y2 / height],
    ["IsOccluded", occluded ? 1 : 0],
    ["IsTruncated", truncated ? 1 : 0],
    ["IsGroupOf", flags & CROWD ? 1 : 0],
  ];
  return new Map(values.map(([column, value]) => [column, String(value)]));
}

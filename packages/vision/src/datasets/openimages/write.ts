import { join } from "node:path";
import { CROWD } from "../../sample.js";
import type { RawObject } from "../types.js";
import {
  allImages,
  copyPictures,
  type DatasetWriter,
  isOverlapping,
  lines,
  pictureName,
  type WrittenImage,
  type WrittenSplit,
  writeText,
} from "../writing/index.js";

const COLUMNS = [
  "ImageID",
  "Source",
  "LabelName",
  "Confidence",
  "XMin",
  "XMax",
  "YMin",
  "YMax",
  "IsOccluded",
  "IsTruncated",
  "IsGroupOf",
  "IsDepiction",
  "IsInside",
  "ClassName",
];

/** Where a data set has no splits, its pictures are to train on. */
const ONLY_SPLIT = "train";

/**
 * Writes Open Images as jetson's downloader does: `sub-<split>-annotations-bbox.csv`, pictures in `<split>/`; and `labels.txt`. Where
 * splits share pictures, all lie in `images/`.
 */
export const writeOpenImages: DatasetWriter = async (out, dataset) => {
  const { classes, splits } = dataset;
  await writeText(join(out, "labels.txt"), lines(classes));
  if (isOverlapping(dataset)) await copyPictures(allImages(dataset), (image) => join(out, "images", pictureName(image)));
  for (const { name = ONLY_SPLIT, images } of splits) {
    await writeText(join(out, `sub-${name}-annotations-bbox.csv`), csvText({ images }));
    if (!isOverlapping(dataset)) await copyPictures(images, (image) => join(out, name, pictureName(image)));
  }
};

function csvText({ images }: WrittenSplit): string {
  const rows = images.flatMap((image) => image.objects.map((object) => rowOf(image, object)));
  return lines([COLUMNS, ...rows].map((fields) => fields.map(quoted).join(",")));
}

function rowOf(
  { id, width, height }: WrittenImage,
  { name, box: [x1, y1, x2, y2], flags, truncated, occluded, origin }: RawObject,
): string[] {
  const values = new Map<string, string | number>([
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
  ]);
  return COLUMNS.map((column) => String(values.get(column) ?? ""));
}

const quoted = (field: string) => (/[",\n\r]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

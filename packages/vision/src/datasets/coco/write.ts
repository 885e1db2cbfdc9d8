import { join } from "node:path";
import { CROWD, DIFFICULT } from "../../sample.js";
import type { RawObject } from "../types.js";
import {
  allImages,
  copyPictures,
  type DatasetWriter,
  pictureName,
  type WrittenDataset,
  type WrittenImage,
  writeText,
} from "../writing/index.js";
import { idIn, type Row } from "./content.js";

/**
 * Writes COCO: `annotations/instances_<split>.json` and all pictures in `images`. Ids of pictures, objects and categories that came from
 * COCO stay where they are unique; what such a row held beside (segmentation, licence) stays with it.
 */
export const writeCoco: DatasetWriter = async (out, dataset) => {
  const images = allImages(dataset);
  const categories = categoriesOf(dataset);
  const categoryId = new Map(categories.map(({ id, name }) => [name as string, id as number | string]));
  const imageIds = idsFor(images.map(({ origin }) => origin?.coco?.id));
  const idOf = new Map(images.map(({ id }, i) => [id, imageIds[i]!]));
  const objects = images.flatMap((image) => image.objects);
  const objectIds = idsFor(objects.map(({ origin }) => origin?.coco?.id));
  const objectId = new Map(objects.map((object, i) => [object, objectIds[i]!]));
  for (const { name, images } of dataset.splits) {
    const content = {
      images: images.map((image) => imageRow(image, idOf.get(image.id)!)),
      annotations: images.flatMap((image) =>
        image.objects.map((object) =>
          annotationRow(object, { id: objectId.get(object)!, image_id: idOf.get(image.id)!, category_id: categoryId.get(object.name)! }),
        ),
      ),
      categories,
    };
    await writeText(
      join(out, "annotations", name === undefined ? "instances.json" : `instances_${name}.json`),
      `${JSON.stringify(content)}\n`,
    );
  }
  await copyPictures(images, (image) => join(out, "images", pictureName(image)));
};

/** Ids that exist and are unique stay; if one is not, all are numbered from 1. */
function idsFor(ids: readonly unknown[]): (number | string)[] {
  const known = ids.map(idIn);
  const isUnique = new Set(known).size === known.length && !known.includes(undefined) && !known.includes(0);
  return known.map((id, i) => (isUnique ? id! : i + 1));
}

function categoriesOf({ classes, origin }: WrittenDataset): Row[] {
  const rows = classes.map((name) => origin?.categories?.get(name));
  const ids = rows.map((row) => idIn(row?.id));
  const isInOrder = ids.every((id, i) => typeof id === "number" && (i === 0 || id > (ids[i - 1] as number)));
  return classes.map((name, i) => ({ supercategory: "", ...rows[i], id: isInOrder ? ids[i]! : i + 1, name }));
}

function imageRow(image: WrittenImage, id: number | string): Row {
  return { ...image.origin?.coco, id, file_name: pictureName(image), width: image.width, height: image.height };
}

function annotationRow({ box, flags, origin }: RawObject, ids: Row): Row {
  const [x1, y1, x2, y2] = box;
  const [width, height] = [difference(x2, x1), difference(y2, y1)];
  const row = origin?.coco;
  const bbox = sameBox(row?.bbox, [x1, y1, width, height]) ? row!.bbox : [x1, y1, width, height];
  return {
    ...row,
    ...ids,
    bbox,
    area: typeof row?.area === "number" && Number.isFinite(row.area) ? row.area : width * height,
    iscrowd: flags & CROWD ? 1 : 0,
    ...(flags & DIFFICULT && { ignore: 1 }),
  };
}

/** 0.3 - 0.1 is 0.19999999999999998 */
const difference = (a: number, b: number) => Math.round((a - b) * 1e9) / 1e9;

function sameBox(bbox: unknown, box: readonly number[]): boolean {
  return Array.isArray(bbox) && bbox.length === 4 && box.every((value, i) => Math.abs(value - bbox[i]) < 1e-6);
}

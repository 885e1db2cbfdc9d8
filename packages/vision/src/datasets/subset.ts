import { InputError } from "@singleshot/base";
import { CROWD } from "../sample.js";
import { noSuchClass } from "./class-list.js";
import type { RawObject } from "./types.js";
import { allImages, type WrittenDataset } from "./writing/index.js";

export interface SubsetOptions {
  /** by name; all when left out */
  classes?: readonly string[];
  /** by COCO's ids, instead of names */
  classIds?: readonly number[];
  /** smaller boxes are left out, in pixels² */
  minBoxArea?: number;
  skipCrowd?: boolean;
}

/**
 * Some classes of a data set, and of its pictures those that still have a box. All splits number the classes alike.
 *
 * @throws InputError for a class that the data set does not have, or when nothing is left
 */
export function subsetOf(dataset: WrittenDataset, { classes, classIds, minBoxArea = 0, skipCrowd = false }: SubsetOptions): WrittenDataset {
  const chosen = new Set([...(classes ?? []), ...(classIds ?? []).map((id) => nameOfId(dataset, id))]);
  for (const name of chosen) if (!dataset.classes.includes(name)) throw noSuchClass(name, dataset.classes);
  const kept = chosen.size === 0 ? dataset.classes : dataset.classes.filter((name) => chosen.has(name));
  const isWanted = ({ name, flags, box: [x1, y1, x2, y2] }: RawObject) =>
    kept.includes(name) && (x2 - x1) * (y2 - y1) >= minBoxArea && !(skipCrowd && flags & CROWD);
  const pictures = new Map(allImages(dataset).map((image) => [image.id, { ...image, objects: image.objects.filter(isWanted) }]));
  const splits = dataset.splits.map(({ images, ...split }) => {
    return { ...split, images: images.map(({ id }) => pictures.get(id)!).filter(({ objects }) => objects.length > 0) };
  });
  if (splits.every(({ images }) => images.length === 0)) throw new InputError("no picture has a box of the classes that are asked for");
  return { ...dataset, classes: kept, splits };
}

function nameOfId({ origin }: WrittenDataset, id: number): string {
  for (const [name, row] of origin?.categories ?? []) if (row.id === id) return name;
  throw new InputError(`no class has the id ${id}`, { fix: "ids are those of a COCO file; elsewhere name the classes" });
}

import { basename, join, resolve } from "node:path";
import { checkDataset } from "./check.js";
import { readClassList } from "./class-list.js";
import { isFile } from "./places.js";
import type { Dataset } from "./types.js";
import { annotationReader } from "./voc-annotation.js";
import { listIds, requireVocFolder } from "./voc-folder.js";

export interface ReadVocOptions {
  /** `ImageSets/Main/<split>.txt`; all annotations when left out */
  split?: string;
  /** else `labels.txt`, else all names in the annotations of the whole data set, sorted */
  classes?: string[];
  /** the folder of the pictures when it is not `JPEGImages` */
  pictures?: string;
  /** added to every coordinate; -1 reads as pytorch-ssd and GluonCV do */
  offset?: number;
  /** how the user named the folder, for messages: `--data` */
  as?: string;
}

/**
 * Reads a data set in the layout of Pascal VOC: `Annotations/<id>.xml`, `JPEGImages/<id>.<jpg, png, ...>`, `ImageSets/Main/<split>.txt`
 * and, if there is one, `labels.txt`. Every defect is named in `problems`; what cannot be used is left out. Nothing is written.
 *
 * Coordinates are taken as they are written, as torchvision does: today's tools (labelImg, CVAT, Roboflow) write edges in pixels from 0,
 * and no box of theirs loses its last pixel. Only the original VOC pictures count pixels from 1; there the boxes lie one pixel too far
 * right and down, or exactly with `offset: -1` as in pytorch-ssd and GluonCV.
 *
 * @throws InputError when the folder or the split does not exist: with the likeliest name
 */
export async function readVoc(root: string, { split, classes, pictures, offset = 0, as }: ReadVocOptions = {}): Promise<Dataset> {
  requireVocFolder(root, as);
  const read = annotationReader(root, { offset, pictures: pictures ?? join(root, "JPEGImages") });
  const images = listIds(root, split).map(read);
  const header = { name: basename(resolve(root)), ...(split !== undefined && { split }) };
  return checkDataset({ ...header, classes: classes ?? classesOf() }, images);

  function classesOf(): string[] {
    const list = join(root, "labels.txt");
    if (isFile(list)) return readClassList(list);
    const all = split === undefined ? images : listIds(root).map(read);
    const names = all.flatMap(({ objects }) => objects.map(({ name }) => name)).filter((name) => name !== "");
    return [...new Set(names)].sort();
  }
}

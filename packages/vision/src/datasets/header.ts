import { basename, join, resolve } from "node:path";
import { readClassList } from "./class-list.js";
import { isFile } from "./places.js";

/** How the marks of one format are understood; the other formats have nothing to ask. */
export interface ReadingRules {
  /** Pascal VOC: the number of the first pixel. VOC's own files count from 1, as pytorch-ssd, GluonCV and the RetinaNet tutorial read all; default 0 */
  pixelsFrom?: 0 | 1;
  /** Open Images: what a box around a group is, a crowd (not trained on, not counted) or an object like others; default crowds */
  groups?: "crowds" | "objects";
}

/** What every reader may be told. */
export interface ReadOptions extends ReadingRules {
  /** all pictures when left out */
  split?: string;
  /** else those of `labels`, else what the data set says */
  classes?: readonly string[];
  /** names of category ids from 1 on: then those of a data set in COCO's form are its labels, unless its classes are listed */
  categoryIds?: readonly string[];
  /** the annotation file, or folder, when it lies in another place than the layout says */
  annotations?: string;
  /** the folder of the pictures, likewise */
  images?: string;
  /** the file with the names of the classes, likewise */
  labels?: string;
  /** how the user named the folder, for messages: `--data` */
  as?: string;
}

/** What a data set is called: its folder. */
export const nameOf = (root: string): string => basename(resolve(root));

/** The classes of `--labels`, of `labels.txt`, or of CVAT's `labelmap.txt`; undefined where there is none. */
export function readListedClasses(root: string, { labels }: Pick<ReadOptions, "labels">): string[] | undefined {
  const file = labels ?? ["labels.txt", "labelmap.txt"].map((name) => join(root, name)).find(isFile);
  return file === undefined ? undefined : readClassList(file);
}

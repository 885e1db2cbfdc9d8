import { readdirSync } from "node:fs";
import { join } from "node:path";
import { nameOf, type ReadOptions, readListedClasses } from "../header.js";
import { mergeRaw } from "../merge.js";
import { idsOf, isPictureName, picturesIn } from "../picture-finder.js";
import { foldersIn, insideOf } from "../places.js";
import { findSplit, noSuchSplit, ROLES } from "../splits.js";
import type { RawDataset, RawImage } from "../types.js";

const SPLIT_NAMES = [...ROLES, "valid", "validation"];

/** `train`, `val` and so on, where the folders of classes lie below such folders. */
export function folderSplits(root: string): string[] {
  const folders = foldersIn(root);
  const splits = folders.filter((name) => SPLIT_NAMES.includes(name) && classFolders(join(root, name)).length > 0);
  return splits.length > 0 && splits.length === folders.filter((name) => !name.startsWith(".")).length ? splits : [];
}

/** The folders that hold pictures, by name. */
export function classFolders(folder: string): string[] {
  return foldersIn(folder).filter((name) => readdirSync(join(folder, name)).some(isPictureName));
}

/**
 * Pictures in a folder for each class, as classifiers are trained on, before any rule: the whole picture is one object. The classes are
 * those of `labels.txt`, else the folders of all splits in the order of the alphabet.
 *
 * @throws InputError when there is no such split
 */
export function readRawFolder(root: string, options: ReadOptions = {}): RawDataset {
  const splits = folderSplits(root);
  const name = options.split === undefined ? undefined : findSplit(splits, options.split);
  if (options.split !== undefined && name === undefined) throw noSuchSplit(root, options.split, splits);
  const tops = splits.length > 0 ? splits : [""];
  const folders = [...new Set(tops.flatMap((top) => classFolders(join(root, top))))].sort();
  const chosen = name === undefined ? tops : [name];
  const parts = chosen.map((top) => ({ raw: readPart(root, top), prefix: top }));
  const classes = options.classes ?? readListedClasses(root, options) ?? folders;
  return { ...mergeRaw(nameOf(root), parts), classes: [...classes], ...(name !== undefined && { split: name }) };
}

function readPart(root: string, top: string): RawDataset {
  const folder = join(root, top);
  const isInside = insideOf(folder);
  const images = classFolders(folder).flatMap((name) => {
    const pictures = picturesIn(join(folder, name));
    const ids = idsOf(pictures);
    return pictures.map((picture, i): RawImage => {
      const imageFile = join(folder, name, picture);
      const source = [top, name, picture].filter((part) => part !== "").join("/");
      return {
        id: `${name}/${ids[i]}`,
        source,
        ...(isInside(imageFile)
          ? { imageFile }
          : { fault: { kind: "unsafe-path", message: "a link to a place outside the data set's folder" } }),
        objects: [{ name, box: [0, 0, 1, 1], flags: 0, annotation: 1 }],
        relative: true,
      };
    });
  });
  return { name: top, classes: [], images };
}

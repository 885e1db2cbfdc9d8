import { readdirSync } from "node:fs";
import { join } from "node:path";
import { classesFrom } from "../class-list.js";
import { nameOf, type ReadOptions, readListedClasses } from "../header.js";
import { mergeRaw } from "../merge.js";
import { isPictureName } from "../picture-finder.js";
import { foldersIn } from "../places.js";
import { findSplit, noSuchSplit } from "../splits.js";
import type { RawDataset } from "../types.js";

/** The folder itself, for `besideFolders`. */
const HERE = ".";

/** Where annotations lie beside the pictures: in the folder itself, as labelImg writes them, or in one for each split, as Roboflow does. */
export function besideFolders(root: string): string[] {
  const hasBoth = (folder: string) => {
    const names = readdirSync(join(root, folder));
    return names.some((name) => name.endsWith(".xml")) && names.some(isPictureName);
  };
  return hasBoth(HERE) ? [HERE] : foldersIn(root).filter(hasBoth);
}

export const besideSplits = (root: string): string[] => besideFolders(root).filter((name) => name !== HERE);

/**
 * Reads such folders. The classes are those of all of them, so that training and testing number them alike.
 *
 * @param read reads one of them
 */
export function readBeside(root: string, options: ReadOptions, read: (folder: string) => RawDataset): RawDataset {
  const { split } = options;
  const folders = besideFolders(root);
  const name = split === undefined ? undefined : findSplit(besideSplits(root), split);
  if (split !== undefined && name === undefined) throw noSuchSplit(root, split, besideSplits(root));
  const all = folders.map((folder) => ({ raw: read(join(root, folder)), prefix: folder, ...(folder !== HERE && { folder }) }));
  const classes = options.classes ?? readListedClasses(root, options) ?? classesFrom(all.flatMap(({ raw }) => raw.classes));
  const merged = mergeRaw(
    nameOf(root),
    all.filter(({ prefix }) => name === undefined || prefix === name),
  );
  return { ...merged, classes: [...classes], ...(name !== undefined && { split: name }) };
}

import { basename, dirname, relative, resolve } from "node:path";
import { InputError } from "@singleshot/base";
import { nameOf, type ReadOptions } from "./header.js";
import { mergeRaw } from "./merge.js";
import { isFile, isFolder, requireInside } from "./places.js";
import { findSplit, noSuchSplit } from "./splits.js";
import type { DatasetProblem, RawDataset } from "./types.js";
import { unusedPictures } from "./unused-pictures.js";

/** One annotation file of a data set that has one a split. */
export interface PartPlace {
  /** the file */
  annotations: string;
  /** the same as messages name it: from the data set's folder */
  source: string;
  split: string;
  /** where its pictures may lie, the likeliest first */
  folders: string[];
}

/** Chooses the annotation files that are meant, reads each and gives them as one data set. @throws InputError when there is no such split */
export async function readParts(
  root: string,
  { split, annotations, images }: ReadOptions,
  parts: readonly PartPlace[],
  read: (part: PartPlace) => RawDataset | Promise<RawDataset>,
): Promise<RawDataset> {
  if (annotations !== undefined && split !== undefined)
    throw new InputError("an annotation file that is named has no splits", { file: annotations, fix: "leave the split out" });
  const chosen = annotations === undefined ? choose(root, parts, split) : [oddPlace(annotations, images)];
  const placed = images === undefined ? chosen : chosen.map((part) => ({ ...part, folders: [images] }));
  if (annotations === undefined) for (const part of placed) requireInside(root, part.annotations);
  const raws: RawDataset[] = [];
  for (const part of placed) raws.push(await read(part)); // one after the other: each may be large
  const merged = mergeRaw(
    nameOf(root),
    raws.map((raw, i) => ({ raw, prefix: placed[i]!.split })),
  );
  if (split !== undefined) return { ...merged, split: placed[0]!.split || split };
  return { ...merged, problems: [...merged.problems!, ...unusedInParts(root, placed, merged)] };
}

/** Looks where pictures of this set alone lie: not in its top folder, where anything may be. */
function unusedInParts(root: string, parts: readonly PartPlace[], { images }: RawDataset): DatasetProblem[] {
  const places = parts.map(({ folders }) => folders.filter((folder) => resolve(folder) !== resolve(root)).find(isFolder));
  const folders = new Set(places.filter((folder) => folder !== undefined));
  return [...folders].flatMap((folder) => unusedPictures(folder, images, "is not listed"));
}

function choose(root: string, parts: readonly PartPlace[], split: string | undefined): readonly PartPlace[] {
  if (split === undefined) return parts;
  const names = parts.map((part) => part.split);
  const found = findSplit(names, split);
  if (found === undefined) throw noSuchSplit(root, split, names);
  return parts.filter((part) => part.split === found);
}

function oddPlace(annotations: string, images: string | undefined): PartPlace {
  if (!isFile(annotations)) throw new InputError("no such file", { file: annotations });
  const folder = images ?? dirname(annotations);
  if (!isFolder(folder)) throw new InputError(`no such folder: ${folder}`, { file: "--images" });
  return { annotations, source: basename(annotations), split: "", folders: [folder] };
}

/** A path as messages name it: from the data set's folder, with / on every system. */
export const sourceOf = (root: string, path: string): string => relative(root, path).replaceAll("\\", "/");

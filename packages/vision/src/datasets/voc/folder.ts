import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { InputError } from "@singleshot/base";
import { filesIn, foldersIn, isFile, isFolder, isSafeName, requireFolder } from "../places.js";
import { noSuchSplit, ROLES } from "../splits.js";
import { linesOf, readText, required } from "../text-file.js";
import type { DatasetProblem } from "../types.js";

/** One picture of a split, and where it is listed. */
export interface ListedId {
  id: string;
  /** from the data set's folder */
  file: string;
  line?: number;
}

/** Where the parts of one year lie. */
export interface VocPlaces {
  root: string;
  annotations: string;
  /** what messages put before the name of an annotation */
  label: string;
}

export const isVocFolder = (root: string): boolean => isFolder(join(root, "Annotations"));

/** The folders of a set of several years, `VOC2007` and `VOC2012` for instance. */
export const vocYears = (root: string): string[] => foldersIn(root).filter((name) => isVocFolder(join(root, name)));

/** @throws InputError when the folder does not exist or is not laid out like Pascal VOC */
export function requireVocFolder(root: string, as?: string): void {
  requireFolder(root, as);
  if (isVocFolder(root)) return;
  const inner = vocYears(root);
  const fix =
    inner.length > 0
      ? `did you mean ${inner.map((name) => join(root, name)).join(" or ")}?`
      : "name a folder that has Annotations and JPEGImages in it";
  throw new InputError(`${root} is not laid out like Pascal VOC: it has no folder Annotations`, {
    ...(as !== undefined && { file: as }),
    fix,
  });
}

/** The ids of all annotations, sorted. */
export function allIds({ annotations, label }: VocPlaces): ListedId[] {
  const files = filesIn(annotations).filter((file) => file.endsWith(".xml"));
  return files.map((file) => ({ id: file.slice(0, -".xml".length), file: label + file }));
}

/** The splits of `ImageSets/Main`, without VOC's lists per class (`cat_train.txt`). */
export function vocSplits(root: string): string[] {
  const folder = join(root, "ImageSets", "Main");
  if (!isFolder(folder)) return [];
  const names = readdirSync(folder).filter((file) => file.endsWith(".txt"));
  const splits = names.map((file) => basename(file, ".txt"));
  return splits.filter((name) => !splits.some((split) => name.endsWith(`_${split}`))).sort();
}

/** The ids of a split in the order of its file. @throws InputError when there is no such split */
export function splitIds(places: VocPlaces, split: string): { listed: ListedId[]; problems: DatasetProblem[] } {
  const { root } = places;
  const { file, problems } = splitFile(root, split);
  const listed = linesOf(required(join(root, file), () => readText(join(root, file)))).flatMap(({ text, line }) => {
    const id = idOf(places.annotations, text);
    return id === undefined ? [] : [{ id, file, line }];
  });
  return { listed, problems };
}

/** CVAT writes `default.txt` alone: it stands for any of the usual splits, and that is said. */
function splitFile(root: string, split: string): { file: string; problems: DatasetProblem[] } {
  const file = `ImageSets/Main/${split}.txt`;
  if (isSafeName(split) && isFile(join(root, file))) return { file, problems: [] };
  const fallback = "ImageSets/Main/default.txt";
  if (!ROLES.includes(split) || !isFile(join(root, fallback)) || vocSplits(root).some((name) => ROLES.includes(name)))
    throw noSuchSplit(root, split, vocSplits(root), "in ImageSets/Main");
  const message = `there is no list ${split}, so default.txt is taken: where it stands for training and for testing, both see the same pictures`;
  return { file: fallback, problems: [{ file: fallback, kind: "default-split", action: "note", message }] };
}

/** A line is an id, which may contain spaces; or a file's name; or an id and 1, 0 or -1, where -1 says that the class does not occur. */
function idOf(annotations: string, line: string): string | undefined {
  const exists = (id: string) => isSafeName(id) && isFile(join(annotations, `${id}.xml`));
  if (exists(line)) return line;
  const [, id, mark] = /^(.*\S)\s+(-1|0|1)$/.exec(line) ?? [];
  if (id !== undefined && exists(id)) return mark === "-1" ? undefined : id;
  const stem = line.replace(/\.\w+$/, "");
  return exists(stem) ? stem : line;
}

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { InputError } from "../errors.js";
import { closest, foldersIn, isFile, isFolder, isSafeName, requireFolder } from "./places.js";

/** One picture of a split, and where it is listed. */
export interface ListedId {
  id: string;
  /** from the data set's folder */
  file: string;
  line?: number;
}

/** @throws InputError when the folder does not exist or is not laid out like Pascal VOC */
export function requireVocFolder(root: string, as?: string): void {
  requireFolder(root, as);
  if (isFolder(join(root, "Annotations"))) return;
  const inner = foldersIn(root).filter((name) => isFolder(join(root, name, "Annotations")));
  const fix =
    inner.length > 0
      ? `did you mean ${inner.map((name) => join(root, name)).join(" or ")}?`
      : "name a folder that has Annotations and JPEGImages in it";
  throw new InputError(`${root} is not laid out like Pascal VOC: it has no folder Annotations`, {
    ...(as !== undefined && { file: as }),
    fix,
  });
}

/** The ids of a split in the order of its file, or of all annotations, sorted. @throws InputError when there is no such split */
export function listIds(root: string, split?: string): ListedId[] {
  if (split !== undefined) return splitIds(root, split);
  const files = readdirSync(join(root, "Annotations")).filter((file) => file.endsWith(".xml"));
  return files.sort().map((file) => ({ id: file.slice(0, -".xml".length), file: `Annotations/${file}` }));
}

/** The splits of `ImageSets/Main`, without VOC's lists per class (`cat_train.txt`). */
export function vocSplits(root: string): string[] {
  const folder = join(root, "ImageSets", "Main");
  if (!isFolder(folder)) return [];
  const names = readdirSync(folder).filter((file) => file.endsWith(".txt"));
  const splits = names.map((file) => basename(file, ".txt"));
  return splits.filter((name) => !splits.some((split) => name.endsWith(`_${split}`))).sort();
}

function splitIds(root: string, split: string): ListedId[] {
  const file = `ImageSets/Main/${split}.txt`;
  if (!isSafeName(split) || !isFile(join(root, file))) throw noSuchSplit(root, split);
  const lines = readFileSync(join(root, file), "utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/);
  const listed = lines.map((text, i) => ({ id: idOf(root, text.trim()), file, line: i + 1 }));
  return listed.filter((entry): entry is typeof entry & { id: string } => entry.id !== undefined && entry.id !== "");
}

/** A line is an id, which may contain spaces; or a file's name; or an id and 1, 0 or -1, where -1 says that the class does not occur. */
function idOf(root: string, line: string): string | undefined {
  const exists = (id: string) => isSafeName(id) && isFile(join(root, "Annotations", `${id}.xml`));
  if (exists(line)) return line;
  const [, id, mark] = /^(.*\S)\s+(-1|0|1)$/.exec(line) ?? [];
  if (id !== undefined && exists(id)) return mark === "-1" ? undefined : id;
  const stem = line.replace(/\.\w+$/, "");
  return exists(stem) ? stem : line;
}

function noSuchSplit(root: string, split: string): InputError {
  const splits = vocSplits(root);
  const guess = closest(split, splits);
  const existing =
    splits.length > 0
      ? `there ${splits.length === 1 ? "is" : "are"} ${splits.join(", ")}`
      : "there is none; leave the split out to use all pictures";
  return new InputError(`no split ${split} in ImageSets/Main`, {
    file: root,
    fix: guess ? `${existing}. Did you mean ${guess}?` : existing,
  });
}

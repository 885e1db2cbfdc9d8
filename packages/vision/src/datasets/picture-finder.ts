import { readdirSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { filesIn, insideOf, isFile, isFolder, isSafeName } from "./places.js";
import type { Fault } from "./types.js";

/** Finds the file of a picture, or says why it cannot be used. `filename` is what its annotation calls it, if anything. */
export type PictureFinder = (id: string, filename: string) => string | Fault;

/** Looked for in this order; upper and lower case alike. */
const EXTENSIONS = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp"];

export const isPictureName = (name: string): boolean => EXTENSIONS.includes(extname(name).toLowerCase());

/** `a/b.jpg` → `a/b`; a name without a picture's ending stays. */
export const withoutExtension = (name: string): string => (isPictureName(name) ? name.slice(0, -extname(name).length) : name);

/** What pictures are called: their names without ending, or with it where others have all the rest in common. */
export function idsOf(names: readonly string[]): string[] {
  const byStem = new Map<string, Set<string>>();
  for (const name of names) byStem.set(withoutExtension(name), (byStem.get(withoutExtension(name)) ?? new Set()).add(name));
  return names.map((name) => (byStem.get(withoutExtension(name))!.size > 1 ? name : withoutExtension(name)));
}

/** A picture bears its annotation's name; where several do, or none does, the file name in the annotation counts. */
export function pictureFinder(folder: string): PictureFinder {
  const stems = new Map<string, Map<string, string[]>>();
  const isInside = isFolder(folder) ? insideOf(folder) : () => false;
  return (id, filename) => {
    const inner = dirname(id);
    if (!stems.has(inner)) stems.set(inner, picturesByStem(join(folder, inner)));
    const candidates = stems.get(inner)!.get(basename(id)) ?? [];
    const named = candidates.find((name) => name === basename(filename)) ?? candidates[0] ?? (isSafeName(filename) ? filename : undefined);
    const path = named && join(folder, candidates.length > 0 ? inner : ".", named);
    if (!path || !isFile(path)) return { kind: "missing-picture", message: `there is no picture ${id} in ${basename(folder)}` };
    return isInside(path)
      ? path
      : { kind: "unsafe-path", message: `the picture ${named} is a link to a place outside ${basename(folder)}` };
  };
}

/**
 * Finds pictures by the name that an annotation file gives them: in the first of the folders that has it, else by its name without
 * ending, since tools disagree about `.jpg` and `.JPG`.
 */
export function namedPictureFinder(folders: readonly string[]): (filename: string) => string | Fault {
  const places = folders.filter(isFolder).map((folder) => ({ folder, isInside: insideOf(folder), byStem: pictureFinder(folder) }));
  return (filename) => {
    if (!isSafeName(filename))
      return { kind: "unsafe-path", message: `the file name ${JSON.stringify(filename)} would lead out of the data set's folder` };
    for (const { folder, isInside } of places) {
      const path = join(folder, filename);
      if (!isFile(path)) continue;
      if (isInside(path)) return path;
      return { kind: "unsafe-path", message: `the picture ${filename} is a link to a place outside ${basename(folder)}` };
    }
    const found = places.map(({ byStem }) => byStem(withoutExtension(filename), ""));
    return found.find((one) => typeof one === "string") ?? { kind: "missing-picture", message: `there is no picture ${filename}` };
  };
}

/** All pictures below a folder, as `filesIn` lists files. */
export const picturesIn = (folder: string): string[] => filesIn(folder).filter(isPictureName);

function picturesByStem(folder: string): Map<string, string[]> {
  const stems = new Map<string, string[]>();
  const rank = (name: string) => EXTENSIONS.indexOf(extname(name).toLowerCase());
  const names = isFolder(folder) ? readdirSync(folder).filter((name) => rank(name) >= 0) : [];
  for (const name of names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))) {
    const stem = basename(name, extname(name));
    stems.set(stem, [...(stems.get(stem) ?? []), name]);
  }
  return stems;
}

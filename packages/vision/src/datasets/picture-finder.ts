import { readdirSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { insideOf, isFile, isFolder, isSafeName } from "./places.js";
import type { Fault } from "./types.js";

/** Finds the file of a picture, or says why it cannot be used. `filename` is what its annotation calls it, if anything. */
export type PictureFinder = (id: string, filename: string) => string | Fault;

/** Looked for in this order; upper and lower case alike. */
const EXTENSIONS = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp"];

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

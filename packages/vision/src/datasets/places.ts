import { readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, sep, win32 } from "node:path";
import { InputError } from "@singleshot/base";
import { closest } from "../closest.js";

/**
 * A name from a file may be used as a path only if it stays below the folder it is joined to: not absolute (on any system), no `..`,
 * no URL.
 */
export function isSafeName(name: string): boolean {
  const parts = name.split(/[\\/]/);
  return (
    name !== "" && !isAbsolute(name) && !win32.isAbsolute(name) && !/^[a-z]+:/i.test(name) && !name.includes("\0") && !parts.includes("..")
  );
}

/** Tells whether a file's real place, links followed, is below the folder. */
export function insideOf(folder: string): (file: string) => boolean {
  const top = realpathSync.native(folder) + sep;
  return (file) => realpathSync.native(file).startsWith(top);
}

/**
 * For files that were found, not named by the user: an archive may bring links.
 *
 * @throws InputError when the file is a link to a place outside the folder
 */
export function requireInside(folder: string, file: string): void {
  if (!insideOf(folder)(file)) throw new InputError("a link to a place outside the data set's folder is not followed", { file });
}

export function isFile(path: string): boolean {
  return statOf(path)?.isFile() ?? false;
}

export function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

/** Undefined for what is not there, and for names no file can have. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/**
 * @param as how the user named it, for the message: `--data`
 * @throws InputError when it is no folder, with the likeliest name
 */
export function requireFolder(path: string, as?: string): void {
  if (isFolder(path)) return;
  const place = as === undefined ? {} : { file: as };
  if (isFile(path)) throw new InputError(`${path} is a file, not a folder`, place);
  const parent = dirname(path);
  const guess = isFolder(parent) ? closest(basename(path), foldersIn(parent)) : undefined;
  throw new InputError(`no such folder: ${path}`, { ...place, ...(guess && { fix: `did you mean ${join(parent, guess)}?` }) });
}

/**
 * All files below a folder, from there, with / on every system, sorted. Links to folders are not followed; hidden files, of which a Mac
 * leaves one beside each (`._a.xml`), are not listed.
 */
export function filesIn(folder: string): string[] {
  if (!isFolder(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  const names = files.filter(({ name }) => !name.startsWith(".")).map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
  return names.map((name) => name.replaceAll("\\", "/")).sort();
}

export function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => isFolder(join(folder, entry.name)))
    .map((entry) => entry.name)
    .sort();
}

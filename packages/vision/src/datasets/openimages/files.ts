import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readCsv } from "../csv-file.js";
import { type PartPlace, sourceOf } from "../parts.js";
import { isFile, isFolder } from "../places.js";

const NAME = /^(sub-|oidv\d+-)?(.+)-annotations-bbox\.csv$/;

/**
 * The annotation files of a folder: `sub-<split>-annotations-bbox.csv`, as jetson's downloader writes them, or the originals. Where there
 * are both, the selection counts.
 */
export function openImagesParts(root: string): PartPlace[] {
  const found = ["", "annotations"].flatMap((inner) => {
    const folder = join(root, inner);
    if (!isFolder(folder)) return [];
    return readdirSync(folder).flatMap((name) => {
      const [, prefix = "", split] = NAME.exec(name) ?? [];
      return split === undefined ? [] : [{ path: join(folder, name), prefix, split }];
    });
  });
  const selections = found.filter(({ prefix }) => prefix === "sub-");
  const chosen = selections.length > 0 ? selections : found;
  return chosen.sort((a, b) => (a.split < b.split ? -1 : 1)).map(({ path, split }) => partOf(root, path, split));
}

function partOf(root: string, path: string, split: string): PartPlace {
  const folders = [split, `images/${split}`, "images", "."].map((folder) => join(root, folder));
  return { annotations: path, source: sourceOf(root, path), split, folders };
}

const DESCRIPTIONS = [
  "class-descriptions-boxable.csv",
  "class-descriptions.csv",
  "oidv7-class-descriptions-boxable.csv",
  "oidv6-class-descriptions.csv",
];

/** `/m/011k07` → `Tortoise`; empty where the file is not there. */
export async function classDescriptions(root: string): Promise<Map<string, string>> {
  const file = ["", "annotations"].flatMap((inner) => DESCRIPTIONS.map((name) => join(root, inner, name))).find(isFile);
  return file === undefined ? new Map() : readDescriptions(file);
}

/** The same from a file: two columns without a heading. */
export async function readDescriptions(file: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  await readCsv(file, ([label = "", name = ""]) => {
    if (label !== "" && name !== "") names.set(label, name);
  });
  return names;
}

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type PartPlace, sourceOf } from "../parts.js";
import { isPictureName } from "../picture-finder.js";
import { isFile } from "../places.js";
import { linesOf, readText } from "../text-file.js";
import { parseLine } from "./line.js";

/** Text files of other purposes that lie beside lists. */
const OTHERS = /^(labels|labelmap|classes|readme.*|licen[cs]e.*|requirements|names|notice)\.txt$/i;

/** The list files of a folder: `train.txt`, `voc_train.txt`. The pictures lie beside them, or in `images`, `JPEGImages` or a folder of the split's name. */
export function listParts(root: string): PartPlace[] {
  const names = readdirSync(root).filter((name) => name.endsWith(".txt") && !OTHERS.test(name));
  const files = names.sort().filter((name) => isFile(join(root, name)) && isList(join(root, name)));
  return files.map((name) => {
    const [path, split] = [join(root, name), basename(name, ".txt")];
    const folders = ["images", "JPEGImages", `images/${split}`, split, "."].map((folder) => join(root, folder));
    return { annotations: path, source: sourceOf(root, path), split, folders };
  });
}

const SAMPLE = 20; // lines

/** One of its first lines is a picture's name with nothing or with five numbers behind it. */
function isList(path: string): boolean {
  try {
    return linesOf(readText(path))
      .slice(0, SAMPLE)
      .some(({ text }) => {
        const { name, fields } = parseLine(text);
        return isPictureName(name) && fields.slice(0, 5).every(isNumber);
      });
  } catch {
    return false;
  }
}

const isNumber = (text: string) => /^-?[\d.]+(e[+-]?\d+)?$/i.test(text);

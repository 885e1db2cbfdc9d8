import { constants } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { isBackground } from "../class-list.js";
import { mapLimited } from "../map-limited.js";
import type { WrittenImage } from "./types.js";

const COPIES_AT_ONCE = 8;

/** A picture's name in the new data set: its id, with the ending of its file. */
export const pictureName = ({ id, imageFile }: WrittenImage): string => id + extname(imageFile);

export async function writeText(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

export const lines = (texts: Iterable<string | number>): string => Array.from(texts, (text) => `${text}\n`).join("");

/** `labels.txt`. A first class that is called background would be taken for none: before it goes the line that is. */
export function labelsText(classes: readonly string[]): string {
  return lines(isBackground(classes[0] ?? "") ? ["__background__", ...classes] : classes);
}

/** Copies pictures byte by byte; where the file system can, the copy takes no room. */
export async function copyPictures(images: readonly WrittenImage[], targetOf: (image: WrittenImage) => string): Promise<void> {
  await mapLimited(images, COPIES_AT_ONCE, async (image) => {
    const target = targetOf(image);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(image.imageFile, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  });
}

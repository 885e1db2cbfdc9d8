import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "@singleshot/base";
import { lines, type WrittenDataset, type WrittenSplit, writeText } from "../writing/index.js";

/**
 * Adds the lists of new splits to a data set in the layout of Pascal VOC: `<split>.txt`, `trainval.txt`, and for each class
 * `<class>_<split>.txt` with 1 or -1 behind each picture, as jetson's generate_vocdata.py does.
 *
 * @returns the files that were written
 * @throws InputError when one of them exists: nothing is replaced
 */
export async function addVocLists(root: string, { classes, splits }: WrittenDataset): Promise<string[]> {
  const folder = join(root, "ImageSets", "Main");
  const files = [...splitLists(splits), ...classes.flatMap((name) => classLists(name, splits))].map(({ name, text }) => ({
    file: join(folder, name),
    text,
  }));
  const taken = files.find(({ file }) => existsSync(file));
  if (taken) throw new InputError("this list exists already", { file: taken.file, fix: "write a copy with --out, or remove it" });
  for (const { file, text } of files) await writeText(file, text);
  return files.map(({ file }) => file);
}

interface List {
  name: string;
  text: string;
}

function splitLists(splits: readonly WrittenSplit[]): List[] {
  const lists = splits.map(({ name, images }) => ({ name: `${name}.txt`, text: lines(images.map(({ id }) => id)) }));
  const [train, val] = ["train.txt", "val.txt"].map((name) => lists.find((list) => list.name === name)?.text);
  return train === undefined || val === undefined ? lists : [...lists, { name: "trainval.txt", text: train + val }];
}

function classLists(className: string, splits: readonly WrittenSplit[]): List[] {
  const fileName = className.replace(/[\\/\0]/g, "_");
  return splits.map(({ name, images }) => {
    const marks = images.map(({ id, objects }) => `${id} ${objects.some((object) => object.name === className) ? " 1" : "-1"}`);
    return { name: `${fileName}_${name}.txt`, text: lines(marks) };
  });
}

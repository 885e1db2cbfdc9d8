import { existsSync, readFileSync } from "node:fs";
import { InputError } from "@singleshot/vision";
import { words } from "../../options/index.js";
import { openTerminal } from "../../terminal/index.js";
import type { Program } from "../program/index.js";

const SHARES = [
  { name: "train", share: 0.7 },
  { name: "val", share: 0.2 },
  { name: "test", share: 0.1 },
];

export const generateVocdata: Program<object> = {
  name: "generate_vocdata",
  summary: "divide a data set of Pascal VOC's layout",
  description:
    "Write the lists of ImageSets/Main for the data set of the current folder: 70 % train, 20 % val, 10 % test, trainval.txt, and for each class those with 1 and -1. Unlike the original's, every class is spread evenly, and the same pictures are divided the same way again.",
  rows: [],
  words: "<labels>",
  examples: ["jetson generate_vocdata labels.txt"],
  run: (_, __, [labels]) => run(labels!),
};

async function run(file: string): Promise<void> {
  const { say } = openTerminal();
  const { addVocLists, collectDataset, resplit } = await import("@singleshot/vision/node");
  const { written } = await collectDataset(["."], { format: "voc", classes: classesIn(file) });
  const divided = resplit(written, SHARES, 0);
  const files = await addVocLists(".", divided);
  for (const { name, images } of divided.splits) say(`${name}: ${images.length} pictures`);
  say(files.map((file) => `  ${file}`).join("\n"));
}

/** Commas between them, as the original has it, or one a line. */
function classesIn(file: string): string[] {
  if (!existsSync(file)) throw new InputError("no such file", { file, fix: "name the file with the names of the classes" });
  return words(readFileSync(file, "utf8").replace(/[\r\n]+/g, ","));
}

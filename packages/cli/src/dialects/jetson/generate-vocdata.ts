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

async function run(labels: string): Promise<void> {
  const { say } = openTerminal();
  const { splitInPlace } = await import("../../data/index.js");
  const { files, splits } = await splitInPlace({ data: ["."], dataset: "voc", labels }, { shares: SHARES, seed: 0 });
  for (const { name, images } of splits) say(`${name}: ${images} pictures`);
  say(files.map((file) => `  ${file}`).join("\n"));
}

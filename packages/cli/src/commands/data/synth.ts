import { type FormatName, formatNames, InputError } from "@singleshot/vision";
import { Command, Option } from "commander";
import { wholeNumber, words } from "../../options/index.js";
import { openTerminal } from "../../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot data synth shapes
  $ singleshot data synth shapes --to coco --images 500 --size 320 --seed 3
  $ singleshot data synth shapes --splits train=80,val=10,test=10`;

interface SynthFlags {
  to: FormatName;
  splits: Record<string, number>;
  images?: number;
  classes?: string[];
  size: number;
  maxObjects: number;
  seed: number;
}

export function synth(): Command {
  return new Command("synth")
    .summary("draw a data set, for trying things out")
    .description("Draw a data set of coloured shapes, for tests and for trying things out.")
    .argument("<OUT>", "a new folder")
    .addOption(new Option("--to <KIND>", "its format").choices(formatNames).default("voc"))
    .option("--splits <NAME=N,...>", "how many pictures each split has", pictureCounts, { train: 64, val: 16 })
    .option("--images <N>", "the same: N to train on and a quarter of it to evaluate on", wholeNumber("--images", { min: 1 }))
    .option("--classes <A,B>", "the names of the classes (default: disc, square, triangle)", words)
    .option("--size <N>", "pixels of a side", wholeNumber("--size", { min: 16, max: 4096 }), 128)
    .option("--max-objects <N>", "at most so many in a picture; some have none", wholeNumber("--max-objects", { min: 0, max: 100 }), 4)
    .option("--seed <N>", "other pictures", wholeNumber("--seed", { min: 0 }), 0)
    .addHelpText("after", EXAMPLES)
    .action(async (out: string, { to: format, images, ...flags }: SynthFlags) => {
      const { synthesizeDataset } = await import("@singleshot/vision/node");
      const splits = images === undefined ? flags.splits : { train: images, val: Math.ceil(images / 4) };
      await synthesizeDataset(out, { ...flags, format, splits });
      openTerminal().say(`written to ${out} (--dataset ${format})`);
    });
}

function pictureCounts(text: string): Record<string, number> {
  const count = wholeNumber("--splits", { min: 1, max: 1_000_000 });
  const pairs = text.split(",").map((part) => /^([\w-]+)=(\d+)$/.exec(part.trim()));
  if (pairs.some((pair) => pair === null)) throw new InputError(`${text} is not of the form NAME=N,NAME=N`, { file: "--splits" });
  return Object.fromEntries(pairs.map((pair) => [pair![1]!, count(pair![2]!)]));
}

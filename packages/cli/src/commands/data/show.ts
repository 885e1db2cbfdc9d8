import { type AugmentationStep, augmentationPresets, InputError } from "@singleshot/vision";
import type { Command } from "commander";
import { type DataFlags, wholeNumber } from "../../options/index.js";
import { openTerminal } from "../../terminal/index.js";
import { dataCommand, withArguments } from "./source.js";

const EXAMPLES = `
Examples:
  $ singleshot data show photos
  $ singleshot data show photos --split train --count 12 --class cat --out cats.png
  $ singleshot data show photos --augmentation ssd --size 320     before and after, side by side`;

interface ShowFlags extends DataFlags {
  split?: string;
  count: number;
  class?: string;
  augmentation?: keyof typeof augmentationPresets;
  size: number;
  seed: number;
  out: string;
}

export function show(): Command {
  return dataCommand("show")
    .summary("draw pictures with their boxes")
    .description("Draw some pictures with their boxes on one sheet, also as augmentation changes them.")
    .option("--count <N>", "so many pictures, chosen at random", wholeNumber("--count", { min: 1, max: 100 }), 6)
    .option("--class <NAME>", "pictures that show this class")
    .option("--augmentation <NAME>", "beside each picture what training sees of it: a preset, as a recipe names it", preset)
    .option(
      "--size <N>",
      "with --augmentation: pixels of a side, as the detector sees it",
      wholeNumber("--size", { min: 32, max: 2048 }),
      320,
    )
    .option("--seed <N>", "other pictures, other chances", wholeNumber("--seed", { min: 0 }), 0)
    .option("--out <PICTURE>", "the sheet: .png, .jpg or .webp", "data.png")
    .addHelpText("after", EXAMPLES)
    .action((roots: string[], flags: ShowFlags) => run(withArguments(roots, flags)));
}

async function run(flags: ShowFlags): Promise<void> {
  const terminal = openTerminal();
  const { dataSource, tellFormats } = await import("../../data/index.js");
  const { readDataset, showDataset, writePicture } = await import("@singleshot/vision/node");
  const source = dataSource(flags);
  tellFormats(source, flags, terminal);
  const { split, count, class: className, augmentation, size, seed, out } = flags;
  const dataset = await readDataset(source.roots, { ...source.options, ...(split !== undefined && { split }) });
  const steps: readonly AugmentationStep[] | undefined = augmentation && augmentationPresets[augmentation];
  const sheet = await showDataset(dataset, { count, seed, size, ...(className !== undefined && { className }), ...(steps && { steps }) });
  await writePicture(out, sheet);
  terminal.say(`${Math.min(count, dataset.entries.length)} of ${dataset.entries.length} pictures are drawn: ${out}`);
}

function preset(name: string): string {
  if (Object.hasOwn(augmentationPresets, name)) return name;
  const names = Object.keys(augmentationPresets).join(", ");
  throw new InputError(`no preset is called ${name}`, { file: "--augmentation", fix: `there are ${names}` });
}

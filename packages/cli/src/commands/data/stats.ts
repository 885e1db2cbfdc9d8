import type { Command } from "commander";
import { type DataFlags, isStandardOutput, jsonOption, writeJson } from "../../options/index.js";
import { openTerminal } from "../../terminal/index.js";
import { dataCommand, withArguments } from "./source.js";

const EXAMPLES = `
Examples:
  $ singleshot data stats photos --split train
  $ singleshot data stats photos --out stats.png --json stats.json`;

interface StatsFlags extends DataFlags {
  split?: string;
  out?: string;
  json?: string;
}

export function stats(): Command {
  return dataCommand("stats")
    .summary("count what is in a data set")
    .description("Count what is in a data set: boxes of each class, their sizes and shapes, pictures.")
    .option("--out <PICTURE>", "writes the numbers as a picture: .png, .jpg or .webp")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action((roots: string[], flags: StatsFlags) => run(withArguments(roots, flags)));
}

async function run(flags: StatsFlags): Promise<void> {
  const terminal = openTerminal({ json: isStandardOutput(flags.json) });
  const { dataSource, tellFormats } = await import("../../data/index.js");
  const { datasetStats, readDataset, statsPicture, statsText, writePicture } = await import("@singleshot/vision/node");
  const source = dataSource(flags);
  tellFormats(source, flags, terminal);
  const dataset = await readDataset(source.roots, { ...source.options, ...(flags.split !== undefined && { split: flags.split }) });
  const numbers = datasetStats(dataset);
  terminal.say(statsText(numbers));
  if (flags.out) await writePicture(flags.out, await statsPicture(numbers));
  if (flags.json) writeJson(flags.json, numbers);
}

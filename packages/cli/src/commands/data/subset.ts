import { type FormatName, formatNames } from "@singleshot/vision";
import { type Command, Option } from "commander";
import { type DataFlags, isStandardOutput, jsonOption, wholeNumber, words, writeJson } from "../../options/index.js";
import { openTerminal } from "../../terminal/index.js";
import { dataCommand, withArguments } from "./source.js";

const EXAMPLES = `
Examples:
  $ singleshot data subset coco2017 --class-names person,dog --out people-and-dogs
  $ singleshot data subset coco2017 --class-ids 1,18 --splits val --skip-crowd --out small

Pictures in which no box is left are left out. All splits number the classes alike.`;

interface SubsetFlags extends DataFlags {
  out: string;
  to?: FormatName;
  splits?: string[];
  classNames?: string[];
  classIds?: string[];
  minBoxArea: number;
  skipCrowd?: boolean;
  json?: string;
}

export function subset(): Command {
  return dataCommand("subset", { split: false })
    .summary("take some classes out of a data set")
    .description("Take some classes, and the pictures that show them, out of a data set.")
    .requiredOption("--out <OUT>", "a new folder")
    .addOption(new Option("--to <KIND>", "its format (default: as it is)").choices(formatNames))
    .option("--splits <A,B>", "which splits (default: all)", words)
    .option("--class-names <A,B>", "which classes (default: all)", words)
    .option("--class-ids <N,M>", "the same by the ids of a COCO file", words)
    .option("--min-box-area <N>", "leaves out smaller boxes, in pixels", wholeNumber("--min-box-area", { min: 0 }), 16)
    .option("--skip-crowd", "leaves out boxes around many objects; else they stay marked as such")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action((roots: string[], flags: SubsetFlags) => run(withArguments(roots, flags)));
}

async function run(flags: SubsetFlags): Promise<void> {
  const terminal = openTerminal({ json: isStandardOutput(flags.json) });
  const { convert } = await import("../../data/index.js");
  const { subsetOf } = await import("@singleshot/vision/node");
  const { classNames, classIds = [], minBoxArea, skipCrowd = false } = flags;
  const ids = classIds.map(wholeNumber("--class-ids", { min: 0 }));
  const change: Parameters<typeof convert>[1]["change"] = (dataset) =>
    subsetOf(dataset, { ...(classNames && { classes: classNames }), classIds: ids, minBoxArea, skipCrowd });
  const result = await convert(flags, { out: flags.out, to: flags.to, splits: flags.splits, change }, terminal);
  if (flags.json) writeJson(flags.json, result);
}

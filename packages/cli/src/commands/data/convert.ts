import { type FormatName, formatNames } from "@singleshot/vision";
import { type Command, Option } from "commander";
import { type DataFlags, isStandardOutput, jsonOption, writeJson } from "../../options/index.js";
import { openTerminal } from "../../terminal/index.js";
import { dataCommand, withArguments } from "./source.js";

const EXAMPLES = `
Examples:
  $ singleshot data convert photos --to yolo --out photos-yolo
  $ singleshot data convert VOC2007 VOC2012 --to coco --out voc-as-coco
  $ singleshot data convert photos --to folder --out crops   objects cut out, for a classifier

All splits are converted. Pictures are copied byte by byte; what cannot be used is left out; what
the format cannot hold is said.`;

interface ConvertFlags extends DataFlags {
  to: FormatName;
  out: string;
  json?: string;
}

export function convertCommand(): Command {
  return dataCommand("convert", { split: false })
    .summary("write a data set in another format")
    .description("Write a data set in another format, box for box.")
    .addOption(new Option("--to <KIND>", "the other format").choices(formatNames).makeOptionMandatory())
    .requiredOption("--out <OUT>", "a new folder")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action(async (roots: string[], flags: ConvertFlags) => {
      const terminal = openTerminal({ json: isStandardOutput(flags.json) });
      const { convert } = await import("../../data/index.js");
      const result = await convert(withArguments(roots, flags), { out: flags.out, to: flags.to }, terminal);
      if (flags.json) writeJson(flags.json, result);
    });
}

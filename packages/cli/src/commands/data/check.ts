import type { Dataset } from "@singleshot/vision";
import { InputError } from "@singleshot/vision";
import type { Command } from "commander";
import { EXIT } from "../../exit-codes.js";
import { type DataFlags, isStandardOutput, jsonOption, writeJson } from "../../options/index.js";
import { openTerminal, type Terminal } from "../../terminal/index.js";
import { dataCommand, withArguments } from "./source.js";

const EXAMPLES = `
Examples:
  $ singleshot data check photos
  $ singleshot data check photos --split train --details --json report.json
  $ singleshot data check --annotations boxes.json --images pictures
  $ singleshot data check photos --fix repaired      the same without its defects, in a new folder

ok: as it should be. background: a picture without objects, meant so. repaired: a box is cut to
the picture, or its corners are put right. rejected: cannot be used; the message says why. Your
files stay as they are. The command ends with 0 if the set can be used, else with 2.`;

interface CheckFlags extends DataFlags {
  split?: string;
  details?: boolean;
  fix?: string;
  json?: string;
}

export function check(): Command {
  return dataCommand("check")
    .summary("find what is wrong with a data set")
    .description("Find what is wrong with a data set: every box and picture that cannot be used, and why.")
    .option("--details", "in the JSON: what became of every picture and box")
    .option("--fix <OUT>", "writes a copy there, repaired, without what cannot be used")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action((roots: string[], flags: CheckFlags) => run(withArguments(roots, flags)));
}

async function run(flags: CheckFlags): Promise<void> {
  const terminal = openTerminal({ json: isStandardOutput(flags.json) });
  const { checkText, dataSource, tellFormats } = await import("../../data/index.js");
  const { examineDataset, requireFree } = await import("@singleshot/vision/node");
  const source = dataSource(flags);
  if (flags.fix) requireFree(flags.fix, source.roots);
  tellFormats(source, flags, terminal);
  const options = { ...source.options, ...(flags.split !== undefined && { split: flags.split }) };
  const report = await examineDataset(source.roots, options).catch((error: Error) => refused(error, flags));
  terminal.say(checkText(report));
  if (flags.json) writeJson(flags.json, record(report, flags));
  if (report.problems.some(({ action }) => action === "fatal")) process.exitCode = EXIT.input;
  else if (flags.fix) await fix(flags.fix, flags, terminal);
}

function record({ formats, name, classes, splits, counts, problems, details }: Report, flags: CheckFlags) {
  const dataset = formats.length === 1 ? formats[0] : formats.join("+");
  return { dataset, name, classes, splits, ...counts, problems, ...(flags.details && { details }) };
}

type Report = Dataset & { formats: string[]; splits: { name: string; images: number }[] };

/** A file that cannot be read at all is written down in the JSON, too, before the message ends the command. */
function refused(error: Error, { json }: CheckFlags): never {
  if (error instanceof InputError && json) {
    const { problem, place } = error;
    const { file = "", line } = place;
    const none = { found: 0, ok: 0, repaired: 0, rejected: 0 };
    const fatal = { file, ...(line !== undefined && { line }), kind: "unreadable", action: "fatal", message: problem };
    writeJson(json, { dataset: "", classes: [], images: { ...none, background: 0 }, boxes: none, problems: [fatal] });
  }
  throw error;
}

async function fix(out: string, flags: CheckFlags, terminal: Terminal): Promise<void> {
  const { convert } = await import("../../data/index.js");
  await convert(flags, { out }, terminal);
}

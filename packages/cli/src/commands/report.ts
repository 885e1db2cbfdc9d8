import { Command } from "commander";
import {
  chooseDevice,
  type DataFlags,
  type DeviceFlags,
  datasetOption,
  deviceOption,
  fraction,
  htmlFile,
  readingOptions,
  repeatedDataOption,
  threadCount,
} from "../options/index.js";
import { openTerminal, shortPath } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot report runs/ssdlite320-1                   writes runs/ssdlite320-1/report.html
  $ singleshot report runs/ssdlite320-1 --split val --out val.html
  $ singleshot report runs/ssdlite320-1 --data photos     if the data set has moved

The page stands alone: it needs no server and no network, and can be sent by mail. What is on it:
how good each class is, what goes wrong and in which pictures, how training went, what the data
look like, what the anchors can reach, and all settings. \`singleshot train\` ends with one.`;

interface ReportFlags extends DataFlags, DeviceFlags {
  split?: string;
  score?: number;
  out?: string;
  threads?: number;
}

export function report(): Command {
  const command = new Command("report")
    .summary("make a page that shows how good a run is")
    .description("Make a page that shows how good a run is and what it gets wrong.")
    .argument("<RUN>", "a run directory; its best weights are evaluated")
    .addOption(repeatedDataOption("the data set (default: where it was in training)"))
    .addOption(datasetOption());
  for (const option of readingOptions()) command.addOption(option);
  return command
    .option("--split <S>", "which pictures to judge by (default: the recipe's, else test, else val)")
    .option("--score <X>", "decide at this score, 0 to 1 (default: where the mean F1 is best)", fraction("--score"))
    .option("--out <FILE.html>", "the page (default: report.html in the run directory)", htmlFile("--out"))
    .addOption(deviceOption())
    .option("--threads <N>", "threads that compute (default: all cores)", threadCount("--threads"))
    .addHelpText("after", EXAMPLES)
    .action(runReport);
}

async function runReport(run: string, { threads, ...flags }: ReportFlags): Promise<void> {
  const terminal = openTerminal();
  const [{ reportOf }, { setThreads }] = await Promise.all([import("../report/index.js"), import("@singleshot/torch")]);
  const device = await chooseDevice(flags, terminal);
  if (threads) setThreads(threads);
  const file = await reportOf(run, { ...flags, device }, terminal);
  terminal.say(`\nThe report: ${shortPath(file)}`);
}

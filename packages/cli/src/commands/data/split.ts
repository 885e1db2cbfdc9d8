import type { Command } from "commander";
import { type DataFlags, isStandardOutput, jsonOption, wholeNumber, writeJson } from "../../options/index.js";
import { openTerminal, type Terminal } from "../../terminal/index.js";
import { dataCommand, withArguments } from "./source.js";

const EXAMPLES = `
Examples:
  $ singleshot data split photos                              lists in photos/ImageSets/Main
  $ singleshot data split photos --shares 80/10/10 --seed 7 --out photos-split
  $ singleshot data split photos --shares train=90,test=10 --out photos-split

Every class is spread over the parts in the same shares. Without --out, lists are added to a data
set in the layout of Pascal VOC, those of each class as well; none that exists is replaced.`;

interface SplitFlags extends DataFlags {
  shares: string;
  seed: number;
  out?: string;
  json?: string;
}

export function split(): Command {
  return dataCommand("split", { split: false })
    .summary("divide a data set into train, val and test")
    .description("Divide a data set into parts at random, the same for the same seed, every class evenly.")
    .option("--shares <A/B/C>", "how much goes to train, val and test; or NAME=N,NAME=N", "70/20/10")
    .option("--seed <N>", "another seed: another division", wholeNumber("--seed", { min: 0 }), 0)
    .option("--out <OUT>", "writes a divided copy there, in the same format")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action((roots: string[], flags: SplitFlags) => run(withArguments(roots, flags)));
}

async function run(flags: SplitFlags): Promise<void> {
  const terminal = openTerminal({ json: isStandardOutput(flags.json) });
  const [{ convert }, { parseShares, resplit }] = await Promise.all([import("../../data/index.js"), import("@singleshot/vision/node")]);
  const shares = parseShares(flags.shares);
  const { out, seed } = flags;
  const result =
    out === undefined
      ? await addLists(flags, terminal)
      : await convert(flags, { out, change: (dataset) => resplit(dataset, shares, seed) }, terminal);
  if (flags.json) writeJson(flags.json, result);
}

async function addLists(flags: SplitFlags, terminal: Terminal) {
  const [{ splitInPlace }, { parseShares }] = await Promise.all([import("../../data/index.js"), import("@singleshot/vision/node")]);
  const { files, splits } = await splitInPlace(flags, { shares: parseShares(flags.shares), seed: flags.seed });
  for (const { name, images } of splits) terminal.say(`${name}: ${images} pictures`);
  terminal.say(`\n${files.length} lists are written:\n${files.map((file) => `  ${file}`).join("\n")}`);
  return { splits, files };
}

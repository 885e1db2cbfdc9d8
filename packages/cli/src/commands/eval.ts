import type { Protocol } from "@singleshot/vision";
import { InputError, summary } from "@singleshot/vision";
import { Command, Option } from "commander";
import { isStandardOutput, jsonOption, threadCount, wholeNumber, writeJson } from "../options/index.js";
import { openTerminal, type Terminal } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot eval runs/ssdlite320-1 --data photos
  $ singleshot eval best.pth --data photos --split val --protocol voc07
  $ singleshot eval runs/ssdlite320-1 --data photos --json result.json
  $ singleshot eval --detections found.json --annotations instances.json   what any detector found`;

interface EvalFlags {
  data?: string;
  split?: string;
  protocol?: Protocol;
  detections?: string;
  annotations?: string;
  batchSize?: number;
  workers?: number;
  threads?: number;
  json?: string;
}

export function evaluate(): Command {
  return new Command("eval")
    .summary("measure how good one is")
    .description("Measure how good a detector is: average precision of each class and their mean.")
    .argument("[RUN|MODEL]", "a run directory (its best weights are taken) or a .pth that `train` wrote")
    .option("--data <DIR>", "the data set, in the layout of Pascal VOC")
    .option("--split <S>", "which pictures (default: the recipe's, else test, else val, else all)")
    .addOption(new Option("--protocol <P>", "how to count (default: the recipe's)").choices(["coco", "voc07", "voc"]))
    .option("--detections <FILE>", "instead of a model: what some detector found, a list of COCO results")
    .option("--annotations <FILE>", "with --detections: the truth, a COCO annotation file")
    .option("--batch-size <N>", "pictures at a time", wholeNumber("--batch-size", { min: 1 }))
    .option("--workers <N>", "threads that read pictures", threadCount("--workers"))
    .option("--threads <N>", "threads that compute (default: all cores)", threadCount("--threads"))
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action(async (model: string | undefined, flags: EvalFlags) => {
      const terminal = openTerminal({ json: isStandardOutput(flags.json) });
      const evaluation = await (flags.detections === undefined ? ofModel(model, flags, terminal) : ofFiles(model, flags, terminal));
      terminal.progress.clear();
      terminal.say(summary(evaluation));
      if (flags.json) writeJson(flags.json, evaluation);
    });
}

async function ofModel(path: string | undefined, flags: EvalFlags, terminal: Terminal) {
  const { data, threads, batchSize, workers } = flags;
  if (path === undefined) throw new InputError("RUN|MODEL is missing", { fix: "name a run directory or a .pth file" });
  if (data === undefined) throw new InputError("--data is missing", { fix: "name the folder of the data set" });
  const [{ evaluate, loadModel }, { setThreads }, { chooseSplit, readSplit }] = await Promise.all([
    import("@singleshot/detection"),
    import("@singleshot/torch"),
    import("../data/index.js"),
  ]);
  if (threads) setThreads(threads);
  const { detector, recipe } = loadModel(path);
  const split = chooseSplit(data, flags.split, [recipe.evaluation.split, "test", "val"]);
  const dataset = await readSplit(data, { split, classes: detector.classes }, terminal);
  terminal.say();
  return evaluate(detector, dataset, {
    protocol: flags.protocol ?? recipe.evaluation.protocol,
    ...(batchSize && { batchSize }),
    ...(workers !== undefined && { workers }),
    onProgress: ({ done, total }) => terminal.progress.show(done / total, `${done} of ${total} pictures`),
  });
}

async function ofFiles(path: string | undefined, flags: EvalFlags, terminal: Terminal) {
  const { detections, annotations, protocol = "coco" } = flags;
  if (path !== undefined) throw new InputError("--detections stands for a model: name one or the other");
  if (annotations === undefined) throw new InputError("--annotations is missing", { fix: "name the COCO file with the truth" });
  const { evaluateFiles } = await import("../data/index.js");
  return evaluateFiles({ detections: detections!, annotations, protocol }, terminal);
}

import { threadsOf, type World, type WorldFlags } from "@singleshot/torch/world";
import { type Evaluation, type ImageDetections, InputError, PROTOCOLS, type Protocol, type ProtocolRow, summary } from "@singleshot/vision";
import { Command, Option } from "commander";
import {
  chooseDevice,
  type DataFlags,
  type DeviceFlags,
  datasetOption,
  deviceOption,
  fraction,
  imagesOption,
  isStandardOutput,
  jsonOption,
  type PostprocessFlags,
  postprocessOptions,
  readingOptions,
  readWorld,
  repeatedDataOption,
  threadCount,
  wholeNumber,
  withPostprocess,
  worldOptions,
  writeJson,
} from "../options/index.js";
import { type ForeignFlags, foreignModel, foreignRecipeOption } from "../recipe/index.js";
import { openTerminal, type Terminal, tellWorld } from "../terminal/index.js";

const names = Object.keys(PROTOCOLS) as Protocol[];

const NOTES = `
Protocols (difficult objects and crowds count in none):
${names.map((name) => `  ${name.padEnd(14)}${PROTOCOLS[name].says}`).join("\n")}

Examples:
  $ singleshot eval runs/ssdlite320-1 --data photos
  $ singleshot eval best.pth --data photos --split val --protocol voc07
  $ singleshot eval SSD300_VGG16_Weights.COCO_V1 --data coco    what torchvision has published
  $ singleshot eval model_25.pth --recipe ssd300-vgg16 --data coco    of torchvision's script
  $ singleshot eval runs/ssdlite320-1 --data photos --json result.json
  $ singleshot eval runs/mb1-ssd-1 --data photos --protocol jetson-voc07 --class-files found
  $ singleshot eval --detections found.json --annotations instances.json   what any detector found`;

interface EvalFlags extends PostprocessFlags, DataFlags, DeviceFlags, WorldFlags, ForeignFlags {
  split?: string;
  protocol?: Protocol;
  matchIou?: number;
  detections?: string;
  classFiles?: string;
  batchSize?: number;
  workers?: number;
  threads?: number;
  json?: string;
}

interface Outcome {
  evaluation: Evaluation & { durationMs: number };
  detections: readonly ImageDetections[];
  classes: readonly string[];
}

export function evaluate(): Command {
  const command = new Command("eval")
    .summary("measure how good one is")
    .description("Measure how good a detector is: average precision of each class and their mean.")
    .argument("[RUN|MODEL]", "a run directory (its best weights are taken), a .pth or .safetensors file, or the name of published weights")
    .addOption(foreignRecipeOption())
    .addOption(repeatedDataOption())
    .addOption(datasetOption())
    .option("--split <S>", "which pictures (default: the recipe's, else test, else val, else all)")
    .addOption(new Option("--protocol <P>", "how to count, see below (default: the recipe's)").choices(names))
    .option("--match-iou <X>", "Pascal VOC: from which overlap on an object is found (default: 0.5)", fraction("--match-iou"))
    .option("--detections <FILE>", "instead of a model: what some detector found, a list of COCO results")
    .option("--annotations <FILE>", "with --detections: the truth, in COCO's format; else it stands for --data")
    .addOption(imagesOption())
    .option(
      "--labels <FILE>",
      "the data set's classes, one a line (default: what it says); with --recipe the model's (default: COCO's 90)",
    );
  command.option("--score <X>", "leaves out weaker detections, 0 to 1 (default: the recipe's)", fraction("--score"));
  for (const option of [...readingOptions(), ...postprocessOptions(), ...worldOptions()]) command.addOption(option);
  return command
    .option("--class-files <DIR>", "writes what was found there as pytorch-ssd does: det_test_CLASS.txt")
    .option("--batch-size <N>", "pictures at a time", wholeNumber("--batch-size", { min: 1 }))
    .option("--workers <N>", "threads that read pictures", threadCount("--workers"))
    .addOption(deviceOption())
    .option("--threads <N>", "threads that compute (default: all cores)", threadCount("--threads"))
    .addOption(jsonOption())
    .addHelpText("after", NOTES)
    .action(runEvaluation);
}

async function runEvaluation(model: string | undefined, flags: EvalFlags): Promise<void> {
  const world = readWorld(flags);
  const terminal = openTerminal({ json: isStandardOutput(flags.json), world });
  const place = { terminal, world };
  const { evaluation, detections, classes } = await (flags.detections === undefined ? ofModel : ofFiles)(model, flags, place);
  if (terminal.quiet) return;
  terminal.progress.clear();
  terminal.say(summary(evaluation));
  if (flags.classFiles !== undefined) {
    const { writeClassFiles } = await import("../data/index.js");
    writeClassFiles(flags.classFiles, detections, classes);
    terminal.say(`\nWhat was found, a file for each class: ${flags.classFiles}`);
  }
  if (flags.json) writeJson(flags.json, evaluation);
}

interface Place {
  terminal: Terminal;
  /** the processes that share the pictures */
  world: World | undefined;
}

async function ofModel(path: string | undefined, flags: EvalFlags, { terminal, world }: Place): Promise<Outcome> {
  const { threads, batchSize, workers } = flags;
  if (path === undefined)
    throw new InputError("RUN|MODEL is missing", { fix: "name a run directory or a model file (.pth, .safetensors)" });
  const [
    { evaluate, isRun, joinTeam, loadModel, readConfig },
    { setThreads },
    { chooseSplit, dataSource, readSplit, sourceOfRun, tellFormats },
  ] = await Promise.all([import("@singleshot/detection"), import("@singleshot/torch"), import("../data/index.js")]);
  const { labels: _, ...withoutLabels } = flags;
  const dataFlags = flags.recipe === undefined ? flags : withoutLabels; // they are the model's then
  const named = dataSource(dataFlags);
  const data = isRun(path) ? sourceOfRun(readConfig(path).data, dataFlags) : named;
  if (world) tellWorld(world, threads, terminal);
  const device = await chooseDevice(flags, terminal, world);
  if (threads ?? world) setThreads(threads ?? threadsOf(world!, process.env));
  const { detector, recipe } = loadModel(path, {
    adjust: (recipe) => withPostprocess(recipe, flags),
    device,
    ...(await foreignModel(flags)),
  });
  const split = chooseSplit(data, flags.split, [recipe.evaluation.split, "test", "val"]);
  tellFormats(data, flags, terminal);
  const dataset = await readSplit(data, { split, classes: detector.classes }, terminal);
  terminal.say();
  let detections: readonly ImageDetections[] = [];
  const protocol = flags.protocol ?? recipe.evaluation.protocol;
  checkMatchIou(protocol, flags);
  const team = await joinTeam(world, { device });
  const evaluation = await evaluate(detector, dataset, {
    ...{ protocol, team },
    ...(flags.matchIou !== undefined && { iouThreshold: flags.matchIou }),
    ...(batchSize && { batchSize }),
    ...(workers !== undefined && { workers }),
    onProgress: ({ done, total }) => terminal.progress.show(done / total, `${done} of ${total} pictures`),
    onDetections: (found) => {
      detections = found;
    },
  });
  await team.close();
  return { evaluation, detections, classes: detector.classes };
}

async function ofFiles(path: string | undefined, flags: EvalFlags, { terminal, world }: Place): Promise<Outcome> {
  const { detections, annotations, protocol = "coco", matchIou } = flags;
  if (path !== undefined) throw new InputError("--detections stands for a model: name one or the other");
  if (annotations === undefined) throw new InputError("--annotations is missing", { fix: "name the COCO file with the truth" });
  if (world) throw new InputError("--detections is measured by one process", { fix: "leave the launcher out" });
  const unused = MODELS_OWN.find((flag) => flags[flag] !== undefined);
  if (unused) throw new InputError(`--${kebab(unused)} goes with a model, not with --detections`, { fix: "leave it out" });
  checkMatchIou(protocol, flags);
  const { evaluateFiles } = await import("../data/index.js");
  const files = { detections: detections!, annotations, protocol, ...(matchIou !== undefined && { iouThreshold: matchIou }) };
  return evaluateFiles(files, terminal);
}

function checkMatchIou(protocol: Protocol, { matchIou }: EvalFlags): void {
  const row: ProtocolRow = PROTOCOLS[protocol];
  if (matchIou === undefined || row.voc?.thresholds === "one") return;
  throw new InputError(`the protocol ${protocol} has thresholds of its own`, {
    file: "--match-iou",
    fix: "leave it out, or use --protocol voc",
  });
}

/** Flags that nothing would heed where the detections are there already. */
const MODELS_OWN = [
  "recipe",
  "data",
  "dataset",
  "images",
  "labels",
  "pixelsFrom",
  "groups",
  "split",
  "score",
  "nms",
  "iou",
  "classAgnostic",
  "topK",
  "batchSize",
  "workers",
  "device",
  "threads",
] as const;
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

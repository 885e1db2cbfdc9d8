import type { Prediction } from "@singleshot/detection";
import { InputError } from "@singleshot/vision";
import { Command } from "commander";
import { fraction, isStandardOutput, jsonFile, jsonOption, threadCount, writeJson } from "../options/index.js";
import { openTerminal, type Terminal } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot predict runs/ssdlite320-1 photo.jpg --out found   draws the boxes into a copy
  $ singleshot predict best.pth photos 'more/**/*.png' --score 0.3
  $ singleshot predict best.pth photos --json found.json
  $ singleshot predict best.pth photos --score 0.001 --coco results.json   to evaluate elsewhere
  $ find . -name '*.jpg' | singleshot predict best.pth -

Broken pictures are named and left out. Your pictures are never written to.`;

interface PredictFlags {
  out?: string;
  score: number;
  threads?: number;
  json?: string;
  coco?: string;
}

export function predict(): Command {
  return new Command("predict")
    .summary("find things in pictures")
    .description("Find things in pictures: as a list, as JSON, drawn.")
    .argument("<RUN|MODEL>", "a run directory (its best weights are taken) or a .pth that `train` wrote")
    .argument("<PICTURE|DIR|GLOB|-...>", "pictures; - reads a picture, or names line by line, from standard input")
    .option("--out <DIR>", "writes the pictures with their boxes there")
    .option("--score <X>", "leaves out weaker detections, 0 to 1", fraction("--score"), 0.5)
    .option("--threads <N>", "threads that compute (default: all cores)", threadCount("--threads"))
    .addOption(jsonOption())
    .option("--coco <FILE.json>", "the detections as a list of COCO results", jsonFile("--coco"))
    .addHelpText("after", EXAMPLES)
    .action(runPrediction);
}

async function runPrediction(model: string, sources: string[], flags: PredictFlags): Promise<void> {
  const { annotator, cocoResults, findPictures, pictureRecord } = await import("../pictures/index.js");
  const terminal = openTerminal({ json: isStandardOutput(flags.json) });
  using pictures = await findPictures(sources);
  const draw = flags.out === undefined ? undefined : annotator(flags.out, pictures.files);
  const [{ loadModel, predict }, { setThreads }] = await Promise.all([import("@singleshot/detection"), import("@singleshot/torch")]);
  if (flags.threads) setThreads(flags.threads);
  const { detector, file } = loadModel(model);
  const { classes } = detector;
  const images = [];
  const onBroken = (error: InputError) => terminal.warn(`left out: ${error.message}`);
  for await (const prediction of predict(detector, pictures.files, { scoreThreshold: flags.score, onBroken })) {
    images.push(pictureRecord(prediction, classes, pictures.nameOf));
    await draw?.(prediction, classes);
    tell(prediction, classes, pictures.nameOf(prediction.file), terminal);
    terminal.progress.show(images.length / pictures.files.length, `${images.length} of ${pictures.files.length} pictures`);
  }
  terminal.progress.clear();
  if (images.length === 0) throw new InputError("no picture could be read", { fix: "each is named above" });
  if (flags.out !== undefined) terminal.say(`\nThe pictures with their boxes: ${flags.out}`);
  if (flags.json) writeJson(flags.json, { model: file, images });
  if (flags.coco) writeJson(flags.coco, cocoResults(images));
}

/** `photo.jpg  12 RBC, 1 WBC` */
function tell({ detections }: Prediction, classes: readonly string[], name: string, { say }: Terminal): void {
  const perClass = new Map<number, number>();
  for (const label of detections.labels) perClass.set(label, (perClass.get(label) ?? 0) + 1);
  const list = [...perClass].sort(([, a], [, b]) => b - a).map(([label, number]) => `${number} ${classes[label - 1]}`);
  say(`${name}  ${list.length > 0 ? list.join(", ") : "nothing"}`);
}

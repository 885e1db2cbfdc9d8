import type { Prediction } from "@singleshot/detection";
import { type Recipe, withSides } from "@singleshot/detection/recipes";
import { InputError, pictureRecord } from "@singleshot/vision";
import { Command } from "commander";
import {
  chooseDevice,
  type DeviceFlags,
  deviceOption,
  fraction,
  isStandardOutput,
  jsonFile,
  jsonOption,
  type PostprocessFlags,
  postprocessOptions,
  threadCount,
  wholeNumber,
  withPostprocess,
  writeJson,
} from "../options/index.js";
import { type ForeignFlags, foreignLabelsOption, foreignModel, foreignRecipeOption, requireRecipe } from "../recipe/index.js";
import { openTerminal, type Terminal } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot predict runs/ssdlite320-1 photo.jpg --out found   draws the boxes into a copy
  $ singleshot predict best.pth photos 'more/**/*.png' --score 0.3
  $ singleshot predict best.pth photos --json found.json
  $ singleshot predict best.pth photos --score 0.001 --coco results.json   to evaluate elsewhere
  $ singleshot predict best.pth photos --crops parts             cuts out what is found
  $ singleshot predict best.pth photos --nms soft --top-k 20 --class-agnostic
  $ singleshot predict SSDLite320_MobileNet_V3_Large_Weights.COCO_V1 photos   torchvision's
  $ singleshot predict ssd_helmet_best.params site.jpg --short-side 512 --long-side 1024
  $ find . -name '*.jpg' | singleshot predict best.pth -

What the flags leave open (--nms, --iou, ...) is as the model's recipe says.
Broken pictures are named and left out. Your pictures are never written to.
Boxes are in pixels of the picture as it is seen: turned as its EXIF orientation says.`;

const WRITING = 8; // pictures at once, on the threads that decode and encode

interface PredictFlags extends PostprocessFlags, DeviceFlags, ForeignFlags {
  out?: string;
  crops?: string;
  score: number;
  shortSide?: number;
  longSide?: number;
  batchSize?: number;
  threads?: number;
  json?: string;
  coco?: string;
}

export function predict(): Command {
  const command = new Command("predict")
    .summary("find things in pictures")
    .description("Find things in pictures: as a list, as JSON, drawn.")
    .argument("<RUN|MODEL>", "a run directory (its best weights are taken), a .pth or .safetensors file, or the name of published weights")
    .argument("<PICTURE|DIR|GLOB|-...>", "pictures; - reads a picture, or names line by line, from standard input")
    .addOption(foreignRecipeOption())
    .addOption(foreignLabelsOption())
    .option("--out <DIR>", "writes the pictures with their boxes there")
    .option("--crops <DIR>", "writes what is found there, cut out: CLASS/PICTURE-1.jpg")
    .option("--score <X>", "leaves out weaker detections, 0 to 1", fraction("--score"), 0.5);
  for (const option of postprocessOptions()) command.addOption(option);
  return command
    .option("--short-side <N>", "looks at pictures in their own shape, this side so many pixels", wholeNumber("--short-side", { min: 1 }))
    .option("--long-side <N>", "with it: the other side at most (default: twice as many)", wholeNumber("--long-side", { min: 1 }))
    .option("--batch-size <N>", "pictures at a time (default: 8, with --short-side 1)", wholeNumber("--batch-size", { min: 1 }))
    .addOption(deviceOption())
    .option("--threads <N>", "threads that compute (default: all cores)", threadCount("--threads"))
    .addOption(jsonOption())
    .option("--coco <FILE.json>", "the detections as a list of COCO results", jsonFile("--coco"))
    .addHelpText("after", EXAMPLES)
    .action(runPrediction);
}

async function runPrediction(model: string, sources: string[], flags: PredictFlags): Promise<void> {
  requireRecipe(flags);
  const { annotator, cocoResults, cropper, findPictures, tasks } = await import("../pictures/index.js");
  const terminal = openTerminal({ json: isStandardOutput(flags.json) });
  using pictures = await findPictures(sources);
  const { files, nameOf } = pictures;
  const draw = flags.out === undefined ? undefined : annotator(flags.out, files);
  const [{ loadModel, predict }, { setThreads }] = await Promise.all([import("@singleshot/detection"), import("@singleshot/torch")]);
  const device = await chooseDevice(flags, terminal);
  if (flags.threads) setThreads(flags.threads);
  const adjust = (recipe: Recipe) => withSizes(withPostprocess(recipe, flags), flags);
  const { detector, file } = loadModel(model, { adjust, device, ...(await foreignModel(flags)) });
  const { classes } = detector;
  const crop = flags.crops === undefined ? undefined : cropper(flags.crops, files, classes);
  const images = [];
  const writing = tasks(WRITING);
  const onBroken = (error: InputError) => terminal.warn(`left out: ${error.message}`);
  const batchSize = flags.batchSize ?? (flags.shortSide === undefined ? undefined : 1); // side by side, smaller pictures would get borders
  for await (const prediction of predict(detector, files, { onBroken, ...(batchSize && { batchSize }) })) {
    images.push(pictureRecord(nameOf(prediction.file), prediction.picture, prediction.detections, classes));
    if (draw) await writing.start(() => draw(prediction, classes));
    if (crop) await writing.start(() => crop(prediction));
    tell(prediction, classes, nameOf(prediction.file), terminal);
    terminal.progress.show(images.length / files.length, `${images.length} of ${files.length} pictures`);
  }
  await writing.end();
  terminal.progress.clear();
  if (images.length === 0) throw new InputError("no picture could be read", { fix: "each is named above" });
  const written = [flags.out && `The pictures with their boxes: ${flags.out}`, flags.crops && `What was found, cut out: ${flags.crops}`];
  if (written.some(Boolean)) terminal.say(`\n${written.filter(Boolean).join("\n")}`);
  if (flags.json) writeJson(flags.json, { model: file, images });
  if (flags.coco) writeJson(flags.coco, cocoResults(images));
}

/** The recipe with pictures in their own shape, where the flags say so. */
function withSizes(recipe: Recipe, { shortSide, longSide }: PredictFlags): Recipe {
  if (shortSide !== undefined) return withSides(recipe, { shortSide, longSide });
  if (longSide === undefined) return recipe;
  throw new InputError("--long-side goes with --short-side", { fix: "name both" });
}

/** `photo.jpg  12 RBC, 1 WBC` */
function tell({ detections }: Prediction, classes: readonly string[], name: string, { say }: Terminal): void {
  const perClass = new Map<number, number>();
  for (const label of detections.labels) perClass.set(label, (perClass.get(label) ?? 0) + 1);
  const list = [...perClass].sort(([, a], [, b]) => b - a).map(([label, number]) => `${number} ${classes[label - 1]}`);
  say(`${name}  ${list.length > 0 ? list.join(", ") : "nothing"}`);
}

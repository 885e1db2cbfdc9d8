import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { GraphName, Model, OnnxOptions, Verified } from "@singleshot/detection";
import { InputError, type OnnxModel } from "@singleshot/vision";
import { Command, Option } from "commander";
import {
  type DataFlags,
  datasetOption,
  fraction,
  isStandardOutput,
  jsonOption,
  type PostprocessFlags,
  postprocessOptions,
  readingOptions,
  repeatedDataOption,
  threadCount,
  wholeNumber,
  withPostprocess,
  writeJson,
} from "../options/index.js";
import { type ForeignFlags, foreignLabelsOption, foreignModel, foreignRecipeOption, requireRecipe } from "../recipe/index.js";
import { openTerminal, shortPath, type Terminal } from "../terminal/index.js";

const NOTES = `
Graphs (docs/export.md has every input and output):
  image    a picture of any size in, as bytes; boxes in its own pixels out
  nms      pictures laid into the network's input in, as bytes; boxes in pixels of the input out
  decoded  the same in; scores and boxes of every anchor out (what \`serve\` and the web page use)
  raw      normalised pictures in, scores and relative boxes out: as pytorch-ssd's onnx_export.py,
           for detectNet of jetson-inference (there with --normalize jetson)

Examples:
  $ singleshot export runs/ssdlite320-1                       one file that does it all
  $ singleshot export runs/ssdlite320-1 --graph decoded --out page/model.onnx
  $ singleshot export runs/mb1-ssd-1 --graph raw --normalize jetson
  $ singleshot export best.pth --precision int8 --data photos   four times smaller
  $ singleshot export runs/ssdlite320-1 --format safetensors
  $ singleshot export model_25.pth --recipe ssd300-vgg16 --format pth --out ssd300.pth

An ONNX file is run by onnxruntime beside libtorch, on pictures of the data set, before it gets its
name: where they disagree, nothing is written. With --data both are also measured.`;

interface ExportFlags extends PostprocessFlags, DataFlags, ForeignFlags {
  out?: string;
  format: "onnx" | "pth" | "safetensors";
  graph: GraphName;
  opset?: number;
  precision: "float32" | "float16" | "int8";
  batchSize?: number;
  normalize: "recipe" | "jetson";
  split?: string;
  verify: boolean;
  tolerance?: number;
  threads?: number;
  json?: string;
}

export function exportModel(): Command {
  const command = new Command("export")
    .summary("write a detector for use elsewhere: ONNX, .pth, safetensors")
    .description("Write a detector as a file for use elsewhere.")
    .argument("<RUN|MODEL>", "a run directory (its best weights are taken), a .pth or .safetensors file, or the name of published weights")
    .addOption(foreignRecipeOption())
    .addOption(foreignLabelsOption())
    .option("--out <FILE>", "the file (default: beside the weights)")
    .addOption(new Option("--format <F>", "the kind of file").choices(["onnx", "pth", "safetensors"]).default("onnx"))
    .addOption(new Option("--graph <G>", "what goes in and out, see below").choices(["raw", "decoded", "nms", "image"]).default("image"))
    .option(
      "--opset <N>",
      "the version of ONNX's operators, 11 to 21 (default: 11; of int8 13)",
      wholeNumber("--opset", { min: 11, max: 21 }),
    )
    .addOption(new Option("--precision <P>", "the type of the weights").choices(["float32", "float16", "int8"]).default("float32"))
    .option("--batch-size <N>", "raw: pictures at a time (default: 1)", wholeNumber("--batch-size", { min: 1 }))
    .addOption(
      new Option("--normalize <N>", "raw: pixels as the recipe has them, or from -1 to 1").choices(["recipe", "jetson"]).default("recipe"),
    )
    .option("--score <X>", "nms, image: leaves out weaker detections, 0 to 1 (default: the recipe's)", fraction("--score"));
  for (const option of postprocessOptions()) command.addOption(option);
  command
    .addOption(repeatedDataOption("pictures to verify and calibrate with (default: where they were in training)"))
    .addOption(datasetOption());
  for (const option of readingOptions()) command.addOption(option);
  return command
    .option("--split <S>", "which of them to measure on (default: the recipe's, else test, else val)")
    .option("--no-verify", "writes the file unseen")
    .option("--tolerance <X>", "the largest difference from libtorch, as a share (default: 0.0001)", fraction("--tolerance"))
    .option("--threads <N>", "threads that compute (default: all cores)", threadCount("--threads"))
    .addOption(jsonOption())
    .addHelpText("after", NOTES)
    .action(runExport);
}

async function runExport(path: string, flags: ExportFlags): Promise<void> {
  requireRecipe(flags);
  const terminal = openTerminal({ json: isStandardOutput(flags.json) });
  const [{ exportWeights, loadModel }, { setThreads }] = await Promise.all([import("@singleshot/detection"), import("@singleshot/torch")]);
  if (flags.threads) setThreads(flags.threads);
  const model = loadModel(path, { adjust: (recipe) => withPostprocess(recipe, flags), ...(await foreignModel(flags)) });
  const file = flags.out ?? besideWeights(path, model, flags);
  if (flags.format !== "onnx") exportWeights(file, model, flags.format);
  const verified = flags.format === "onnx" ? await exportOnnx(path, file, model, flags, terminal) : undefined;
  terminal.progress.clear();
  const { size } = statSync(file);
  terminal.say(`${shortPath(file)}: ${(size / 1e6).toFixed(1)} MB`);
  if (flags.json) writeJson(flags.json, { model: model.file, file, format: flags.format, bytes: size, ...(verified && { verified }) });
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const ENDINGS = { onnx: ".onnx", pth: ".pth", safetensors: ".safetensors" };

/** `runs/mine/image.onnx`; of a file `best.pth`, `best.onnx`; of published weights, here. */
function besideWeights(path: string, model: Model, { format, graph, precision }: ExportFlags): string {
  const ending = ENDINGS[format];
  if (isFolder(path)) {
    const name = format === "onnx" ? `${graph}${precision === "float32" ? "" : `-${precision}`}` : "model";
    return join(path, `${name}${ending}`);
  }
  const file = join(dirname(path), `${basename(model.file).replace(/\.\w+$/, "")}${ending}`);
  if (existsSync(file) && format !== "onnx") throw new InputError("the file is there already", { file, fix: "name another with --out" });
  return file;
}

async function exportOnnx(path: string, file: string, model: Model, flags: ExportFlags, terminal: Terminal): Promise<Verified | undefined> {
  const [{ writeOnnx, writeVerified }, { picturesFor }] = await Promise.all([
    import("@singleshot/detection"),
    import("../export/index.js"),
  ]);
  const onnx = await modelFor(path, model, flags, terminal);
  if (!flags.verify) {
    writeOnnx(file, onnx);
    return undefined;
  }
  const { tolerance } = flags;
  const { pictures, dataset, from } = await picturesFor(path, model, flags, terminal);
  const verified = await writeVerified(file, onnx, model, {
    pictures,
    dataset,
    ...(tolerance !== undefined && { tolerance }),
    onProgress: ({ done, total }) => terminal.progress.show(done / total, `measured on ${done} of ${total} pictures`),
  });
  terminal.progress.clear();
  tell(verified, from, terminal);
  return verified;
}

async function modelFor(path: string, model: Model, flags: ExportFlags, terminal: Terminal): Promise<OnnxModel> {
  const { graph, opset, precision, batchSize, normalize } = flags;
  const [{ calibrated, LEAST_OPSET_OF_INT8, onnxModel }, { calibrationPictures }] = await Promise.all([
    import("@singleshot/detection"),
    import("../export/index.js"),
  ]);
  const options: OnnxOptions = { graph, normalize, ...(batchSize && { batchSize }), ...(opset && { opset }) };
  if (precision !== "int8") return onnxModel(model, { ...options, precision });
  if (opset !== undefined && opset < LEAST_OPSET_OF_INT8)
    throw new InputError(`8 bits need opset ${LEAST_OPSET_OF_INT8} or later`, { file: "--opset", fix: "leave it out" });
  const onProgress = ({ done, total }: { done: number; total: number }) =>
    terminal.progress.show(done / total, `calibrated on ${done} of ${total} pictures`);
  const pictures = await calibrationPictures(path, model, flags, onProgress);
  return calibrated(onnxModel(model, { ...options, opset: opset ?? LEAST_OPSET_OF_INT8 }), pictures);
}

function tell({ pictures, difference, tolerance, strangers, total, scores }: Verified, from: string, { say }: Terminal): void {
  const limit = Number.isFinite(tolerance) ? `allowed ${tolerance}` : "8 bits are never exact";
  const lists = total > 0 ? `, ${strangers} of ${total} detections without counterpart` : "";
  say(`verified on ${pictures} ${from}: largest difference ${difference.toExponential(1)} (${limit})${lists}`);
  if (!scores) return;
  const { detector, exported } = scores;
  const change = exported - detector;
  say(
    `mAP on ${scores.pictures} pictures: ${detector.toFixed(4)} in libtorch, ${exported.toFixed(4)} in onnxruntime (${change < 0 ? "" : "+"}${change.toFixed(4)})`,
  );
}

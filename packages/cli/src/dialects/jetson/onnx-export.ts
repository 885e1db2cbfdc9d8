import { statSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "@singleshot/vision";
import { openTerminal } from "../../terminal/index.js";
import type { Program, Row } from "../program/index.js";
import { nets } from "./nets.js";

interface OnnxExportFlags {
  net: string;
  input: string;
  output: string;
  labels: string;
  resolution: number;
  batchSize: number;
  modelDir: string;
  normalize: "recipe" | "jetson";
}

const SSD_MOBILENET = "ssd-mobilenet"; // the exporter's own name of mb1-ssd

const rows: readonly Row<OnnxExportFlags>[] = [
  {
    flags: ["--net"],
    kind: "text",
    choices: [SSD_MOBILENET, ...nets],
    default: SSD_MOBILENET,
    says: "the network, ssd-mobilenet being mb1-ssd; of our files it is known",
    decides: "detector.network",
  },
  {
    flags: ["--input"],
    kind: "text",
    default: "",
    says: "the model file; without it the one of --model-dir with the lowest loss",
    decides: "RUN|MODEL",
  },
  {
    flags: ["--output"],
    kind: "text",
    default: "",
    says: "the file that is written; without it NET.onnx, in --model-dir",
    decides: "--out",
  },
  {
    flags: ["--labels"],
    kind: "text",
    default: "labels.txt",
    says: "the names of the classes, in --model-dir; of our files they are known",
  },
  {
    flags: ["--resolution"],
    kind: "integer",
    default: 300,
    says: "side of the input in pixels; of our files it is known",
    decides: "detector.input",
  },
  { flags: ["--batch-size"], kind: "integer", default: 1, says: "pictures at a time", decides: "--batch-size" },
  { flags: ["--model-dir"], kind: "text", default: "", says: "where train_ssd wrote its files" },
  {
    flags: ["--normalize"],
    kind: "text",
    choices: ["recipe", "jetson"],
    default: "recipe",
    says: "ours: jetson takes pixels from -1 to 1, as detectNet gives them to every network",
    decides: "--normalize",
  },
];

export const onnxExport: Program<OnnxExportFlags> = {
  name: "onnx_export",
  summary: "write a detector as ONNX, for detectNet",
  description:
    "Write a detector as ONNX, as pytorch-ssd's onnx_export.py does: input_0 in, scores and boxes out, for detectNet of jetson-inference.",
  rows,
  examples: ["jetson onnx_export --model-dir=models/fruit"],
  run,
};

async function run(flags: OnnxExportFlags, given: ReadonlySet<string>): Promise<void> {
  const { say } = openTerminal();
  const [{ onnxModel, writeOnnx }, { openModel }, { classesOf }, { lowestLossFile }] = await Promise.all([
    import("@singleshot/detection"),
    import("./open-model.js"),
    import("./classes.js"),
    import("./files.js"),
  ]);
  const { modelDir, resolution, batchSize, normalize } = flags;
  const input = flags.input || (modelDir && folderOf(modelDir) && lowestLossFile(modelDir));
  if (!input)
    throw new InputError("there is no model file", {
      ...(modelDir && { file: modelDir }),
      fix: "name one with --input, or train_ssd's folder with --model-dir",
    });
  const net = flags.net === SSD_MOBILENET ? "mb1-ssd" : flags.net;
  const model = await openModel(input, { net, resolution, given, classes: () => classesOf(join(modelDir, flags.labels)) });
  const { name } = model.recipe.detector.network;
  const called = given.has("net") ? flags.net : name === "mb1-ssd" ? SSD_MOBILENET : name;
  const output = flags.output || join(modelDir, `${called}.onnx`);
  say(`exporting ${input}`);
  writeOnnx(output, onnxModel(model, { graph: "raw", batchSize, normalize }));
  model.detector.dispose();
  say(`model exported to:  ${output}`);
  say(`detectnet --model=${output} --labels=${join(modelDir, flags.labels)} --input-blob=input_0 --output-cvg=scores --output-bbox=boxes`);
}

function folderOf(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new InputError("no such folder", { file: path });
}

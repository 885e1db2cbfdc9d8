import type { Command } from "commander";
import { commandOf, type Program, system, trainingCommand } from "../program/index.js";
import { evalSsd } from "./eval-ssd.js";
import { generateVocdata } from "./generate-vocdata.js";
import { onnxExport } from "./onnx-export.js";
import { openImagesDownloader } from "./open-images-downloader.js";
import { runSsdExample } from "./run-ssd-example.js";
import { trainSsd } from "./train-ssd.js";

/** pytorch-ssd's programs, as jetson-inference trains with them. */
export const jetson = (): Command =>
  system("jetson", {
    summary: "pytorch-ssd's programs: train_ssd, eval_ssd, onnx_export, ...",
    description: "The programs of pytorch-ssd (jetson-inference), with their own flags, files and log lines.",
    programs: [
      trainingCommand(trainSsd),
      ...[evalSsd, onnxExport, runSsdExample, openImagesDownloader, generateVocdata].map((program) => commandOf(program as Program<never>)),
    ],
  });

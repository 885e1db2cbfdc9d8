import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FileContents } from "@singleshot/torch/inspect";
import { InputError, table } from "@singleshot/vision";
import { Command } from "commander";
import { inspectOnnx, isOnnx, type OnnxContents, onnxText } from "../inspect/index.js";
import { isStandardOutput, jsonOption, writeJson } from "../options/index.js";
import { count, openTerminal } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot inspect runs/ssdlite320-1/checkpoints/best.pth
  $ singleshot inspect model.safetensors --digest --json model.json

The file is read in full, so damage is found. Nothing that is in it can run.`;

/** ONNX files have inputs, outputs and nodes too. */
type Contents = Omit<FileContents, "format" | "tensors"> &
  Partial<Omit<OnnxContents, keyof FileContents>> & { format: FileContents["format"] | "onnx"; tensors: readonly TensorRow[] };
type TensorRow = Omit<FileContents["tensors"][number], "dtype"> & { dtype: string; external?: string };

const FORMATS: Record<Contents["format"], string> = {
  onnx: "ONNX model",
  "pth-zip": "PyTorch checkpoint",
  "pth-legacy": "PyTorch checkpoint of a version before 1.6",
  safetensors: "safetensors",
};

export function inspect(): Command {
  return new Command("inspect")
    .summary("list what is in a model file")
    .description("List what is in a model file: tensors with their shapes, classes, settings.")
    .argument("<FILE>", "a .pth, .safetensors or .onnx; its content tells which, not its name")
    .option("--digest", "with a SHA-256 of each tensor's elements")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, { digest = false, json }: { digest?: boolean; json?: string }) => {
      requireFile(file);
      const terminal = openTerminal();
      const contents = await contentsOf(file, { digests: digest, onWarning: terminal.warn });
      if (json) writeJson(json, { ...contents, metadata: Object.fromEntries(contents.metadata) });
      if (!isStandardOutput(json)) terminal.say(describe(file, contents));
    });
}

async function contentsOf(file: string, options: { digests: boolean; onWarning: (message: string) => void }): Promise<Contents> {
  if (isOnnx(file)) return inspectOnnx(file, options);
  const { inspectFile } = await import("@singleshot/torch/inspect");
  return inspectFile(file, options);
}

function requireFile(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) throw new InputError("no such file", { file });
  if (!stats.isDirectory()) return;
  const best = join(file, "checkpoints", "best.pth");
  throw new InputError("a folder", { file, fix: existsSync(best) ? `name a file in it: ${best}` : "name a file" });
}

function describe(file: string, contents: Contents): string {
  const { format, metadata, classes, tensors } = contents;
  const numbers = tensors.reduce((total, { shape }) => total + shape.reduce((size, length) => size * length, 1), 0);
  const digests = tensors.some(({ sha256 }) => sha256 !== undefined);
  const rows = tensors.map(({ key, dtype, shape, sha256, external }) => {
    const beside = external === undefined ? "" : `in another file, ${JSON.stringify(external)}`;
    return [key, dtype, `[${shape.join(", ")}]`, ...(digests || beside ? [sha256 ?? beside] : [])];
  });
  const settings = [...metadata].filter(([key]) => key !== "classes").map(([key, value]) => `  ${key}: ${shortened(value)}`);
  const blocks = [
    `${file}: ${FORMATS[format]}, ${count(tensors.length, "tensor")} with ${count(numbers, "number")}`,
    classes && `classes: ${classes.join(", ")}`,
    contents.opset !== undefined && onnxText(contents as unknown as OnnxContents),
    settings.length > 0 && ["settings:", ...settings].join("\n"),
    rows.length > 0 && table([["tensor", "type", "shape", ...(digests ? ["sha256"] : [])], ...rows]),
  ];
  return blocks.filter(Boolean).join("\n\n");
}

const LONGEST = 100; // characters of a setting; a whole recipe may be one

function shortened(value: unknown): string {
  const text = (typeof value === "string" ? value : JSON.stringify(value)).replace(/\p{Cc}+/gu, " ");
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${count(text.length, "character")})`;
}

import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { InputError, looksLikeOnnx, type OnnxValue, readOnnx } from "@singleshot/vision";
import { count } from "../terminal/index.js";

/** What is in an ONNX file. */
export interface OnnxContents {
  format: "onnx";
  opset: number;
  producer: string;
  metadata: Map<string, string>;
  classes?: string[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  /** How often each operator occurs. */
  operators: Record<string, number>;
  tensors: { key: string; dtype: string; shape: readonly number[]; sha256?: string; external?: string }[];
}

export function isOnnx(file: string): boolean {
  const descriptor = openSync(file, "r");
  try {
    const head = new Uint8Array(9);
    return looksLikeOnnx(head.subarray(0, readSync(descriptor, head)));
  } finally {
    closeSync(descriptor);
  }
}

const MOST_BYTES = 2 ** 31 - 1; // protobuf's own limit

/** Lists what is in an ONNX file. It is read in full; nothing in it is run, and no file beside it is opened. @throws InputError */
export function inspectOnnx(file: string, { digests }: { digests: boolean }): OnnxContents {
  if (statSync(file).size > MOST_BYTES) throw new InputError("larger than an ONNX file can be (2 GB)", { file });
  try {
    const { opset, producer, producerVersion, metadata, graph } = readOnnx(readFileSync(file));
    const classes = classNames(metadata.get("classes"));
    return {
      format: "onnx",
      opset,
      producer: [producer, producerVersion].filter(Boolean).join(" "),
      metadata: new Map(metadata),
      ...(classes && { classes }),
      inputs: graph.inputs,
      outputs: graph.outputs,
      operators: tally(graph.nodes.map(({ operator }) => operator)),
      tensors: graph.tensors.map(({ name, dtype, shape, bytes, external }) => ({
        key: name,
        dtype,
        shape,
        ...(external !== undefined ? { external } : digests && { sha256: createHash("sha256").update(bytes()).digest("hex") }),
      })),
    };
  } catch (error) {
    throw error instanceof InputError ? new InputError(error.problem, { file, ...error.place }) : error;
  }
}

function tally(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function classNames(text: string | undefined): string[] | undefined {
  try {
    const list: unknown = JSON.parse(text ?? "null");
    return Array.isArray(list) && list.every((name) => typeof name === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

/** The part of a listing that other model files do not have. */
export function onnxText({ opset, producer, inputs, outputs, operators }: OnnxContents): string {
  const values = (list: readonly OnnxValue[]) =>
    list.map(({ name, dtype, shape }) => `  ${printable(name)}: ${dtype} [${shape.map(printable).join(", ")}]`);
  const nodes = Object.values(operators).reduce((sum, number) => sum + number, 0);
  const kinds = Object.entries(operators).map(([name, number]) => `${number} ${printable(name)}`);
  return [
    `opset ${opset}${producer && `, written by ${printable(producer)}`}`,
    "inputs:",
    ...values(inputs),
    "outputs:",
    ...values(outputs),
    `${count(nodes, "node")}: ${kinds.join(", ")}`,
  ].join("\n");
}

const printable = (text: string | number) =>
  String(text)
    .replace(/\p{Cc}+/gu, " ")
    .slice(0, 100);

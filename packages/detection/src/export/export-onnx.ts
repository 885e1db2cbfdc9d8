import { writeFileAtomic } from "@singleshot/torch/atomic-file";
import { InputError, type OnnxModel, onnxBytes } from "@singleshot/vision";
import type { Model } from "../evaluation/index.js";
import { detectorGraph, type GraphName, type GraphOptions } from "./detector-graph.js";
import { metadataOf, VERSION } from "./metadata.js";

export interface OnnxOptions {
  graph?: GraphName;
  /** 11 to 21; default 11 */
  opset?: number;
  precision?: "float32" | "float16";
  /** Of the raw graph; default 1. */
  batchSize?: number;
  /** What the raw graph's input holds: `jetson` takes pixels from -1 to 1, as detectNet gives them. */
  normalize?: "recipe" | "jetson";
}

const OPSETS = { from: 11, to: 21 };

/** The oldest version of the file format that has an operator set. */
const irVersionOf = (opset: number): number => [6, 7, 7, 7, 8, 8, 8, 8, 9, 9, 10][opset - OPSETS.from]!;

/**
 * A detector as an ONNX model. Weights are read when its bytes are written (`onnxBytes`), so the detector must live until then.
 *
 * @throws InputError when the options do not go together
 */
export function onnxModel({ detector, recipe }: Pick<Model, "detector" | "recipe">, options: OnnxOptions = {}): OnnxModel {
  const { graph = "decoded", opset = OPSETS.from, precision = "float32", batchSize = 1, normalize = "recipe" } = options;
  if (!Number.isInteger(opset) || opset < OPSETS.from || opset > OPSETS.to)
    throw new InputError(`there is no export for ONNX opset ${opset}`, { fix: `choose one from ${OPSETS.from} to ${OPSETS.to}` });
  const settings: GraphOptions = { graph, opset, float: precision, batchSize, normalize };
  const { levels, ...made } = detectorGraph(detector, settings);
  const metadata = metadataOf(detector, recipe, {
    graph,
    precision,
    ...(levels && { levels: JSON.stringify(levels) }),
    ...(normalize === "jetson" && { normalize }),
  });
  return { irVersion: irVersionOf(opset), opset, producer: "singleshot", producerVersion: VERSION, metadata, graph: made.graph };
}

/** Writes an ONNX model: whole or not at all. */
export function writeOnnx(file: string, model: OnnxModel): void {
  writeFileAtomic(file, onnxBytes(model));
}

import { renameSync, rmSync } from "node:fs";
import { temporaryBeside, writeFileAtomic } from "@singleshot/base/atomic-file";
import { type Dataset, InputError, type OnnxModel, onnxBytes, type Picture } from "@singleshot/vision";
import type { Model } from "../evaluation/index.js";
import { detectorGraph, type GraphName, type GraphOptions } from "./graph/index.js";
import { metadataOf, VERSION } from "./metadata.js";
import { openOnnx } from "./onnx-runtime.js";
import {
  type Agreement,
  type CompareOptions,
  compareScores,
  ExportMismatch,
  type MapComparison,
  verifyHead,
  verifyOnnx,
  verifyTensors,
} from "./verify.js";

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
    ...(graph === "raw" && { batchSize: String(batchSize) }),
    ...(graph === "raw" && normalize === "jetson" && { normalize }),
  });
  return { irVersion: irVersionOf(opset), opset, producer: "singleshot", producerVersion: VERSION, metadata, graph: made.graph };
}

/** Writes an ONNX model: whole or not at all. */
export function writeOnnx(file: string, model: OnnxModel): void {
  writeFileAtomic(file, onnxBytes(model));
}

export interface VerifyOptions extends CompareOptions {
  /** What both are run on. */
  pictures: readonly Picture[];
  /** The largest difference that is allowed, as a share of the largest score and of the input's side; default 1e-4, of float16 2e-2. */
  tolerance?: number;
  /** Pictures with their truth: tells how good both are. */
  dataset?: Dataset | undefined;
  /** What is written instead: for tests of the verification. */
  written?: OnnxModel;
}

export interface Verified extends Agreement {
  tolerance: number;
  scores?: MapComparison;
}

const TOLERANCES = { float32: 1e-4, float16: 2e-2, int8: Number.POSITIVE_INFINITY };
const MOST_LOST = 0.05; // mAP, in 8 bits

/**
 * Writes an ONNX model, runs it beside its detector, and only then gives it its name: what fails leaves nothing behind.
 *
 * @throws ExportMismatch where the file does not do what the detector does
 */
export async function writeVerified(
  file: string,
  onnx: OnnxModel,
  model: Pick<Model, "detector" | "recipe">,
  { pictures, tolerance, dataset, written = onnx, ...progress }: VerifyOptions,
): Promise<Verified> {
  const temporary = temporaryBeside(file);
  try {
    writeOnnx(temporary, written);
    const runtime = await openOnnx(temporary);
    try {
      verifyHead(runtime, onnx);
      const limit = tolerance ?? TOLERANCES[runtime.card.precision];
      const agreement = await verifyOnnx(runtime, model, { pictures, tolerance: limit });
      const scores = dataset && (await compareScores(runtime, model, dataset, progress));
      if (scores && scores.detector - scores.exported > MOST_LOST)
        throw new ExportMismatch(`the exported model's mAP is ${scores.exported.toFixed(3)}, the detector's ${scores.detector.toFixed(3)}`);
      verifyTensors(temporary, onnx);
      renameSync(temporary, file);
      return { ...agreement, tolerance: limit, ...(scores && { scores }) };
    } finally {
      await runtime.close();
    }
  } catch (error) {
    throw named(error, temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** An error about a temporary file is one about the file that it was to become. */
function named(error: unknown, temporary: string, file: string): unknown {
  return error instanceof InputError && error.place.file === temporary ? new InputError(error.problem, { ...error.place, file }) : error;
}

import { InputError } from "../errors.js";
import type { ScoreKind, SelectionRules } from "../inference/index.js";
import type { InputOptions } from "../transforms/index.js";
import { readOnnxHead } from "./read.js";

/** What an exported model says of itself: all that is needed to use it. */
export interface ModelCard {
  /** Of the program that wrote it. */
  version: string;
  graph: "raw" | "decoded" | "nms" | "image";
  precision: "float32" | "float16" | "int8";
  /** The name of label k is classes[k - 1]. */
  classes: string[];
  /** How pictures are laid into the network's input. */
  input: InputOptions;
  /** Of pixels from 0 to 1. */
  normalization: { mean: number[]; std: number[] };
  scores: ScoreKind;
  /** How detections are made of scores and boxes. */
  postprocess: SelectionRules;
  /** Anchors of each feature level, where the input has one size. */
  levels?: number[];
  /** SHA-256 */
  weights: string;
  /** Of a raw graph, which takes just so many pictures. */
  batchSize?: number;
  /** A raw graph that takes pixels from -1 to 1, as detectNet gives them, says `jetson`. */
  normalize?: string;
}

/**
 * Reads what a model that `singleshot export` wrote says of itself.
 *
 * @param data the file, or its first million bytes
 * @throws InputError where it is no ONNX file, or another program's
 */
export function readModelCard(data: Uint8Array): ModelCard {
  const { metadata } = readOnnxHead(data);
  const textOf = (key: string): string => {
    const value = metadata.get(key);
    if (value === undefined)
      throw new InputError(`the model does not say its ${key}`, { fix: "name a model that `singleshot export` wrote" });
    return value;
  };
  const dataOf = (key: string) => JSON.parse(textOf(key));
  const { detector } = dataOf("recipe");
  return {
    version: textOf("singleshot"),
    graph: textOf("graph") as ModelCard["graph"],
    precision: textOf("precision") as ModelCard["precision"],
    classes: dataOf("classes"),
    input: detector.input,
    normalization: detector.normalization,
    scores: detector.scores,
    postprocess: detector.postprocess,
    ...(metadata.has("levels") && { levels: dataOf("levels") }),
    weights: textOf("weights"),
    ...(metadata.has("batchSize") && { batchSize: Number(dataOf("batchSize")) }),
    ...(metadata.has("normalize") && { normalize: textOf("normalize") }),
  };
}

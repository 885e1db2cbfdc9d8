import { InputError } from "@singleshot/base";
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

const GRAPHS = ["raw", "decoded", "nms", "image"];
const PRECISIONS = ["float32", "float16", "int8"];
const SCORES = ["softmax", "sigmoid", "sigmoid-with-background"];

/**
 * Reads what a model that `singleshot export` wrote says of itself.
 *
 * @param data the file; of one that nobody has saved again, the first million bytes are enough
 * @throws InputError where it is no ONNX file, another program's, or says what cannot be
 */
export function readModelCard(data: Uint8Array): ModelCard {
  const { metadata } = readOnnxHead(data);
  const { detector } = dataOf(metadata, "recipe", isRecipe);
  return {
    version: textOf(metadata, "singleshot"),
    graph: wordOf(metadata, "graph", GRAPHS) as ModelCard["graph"],
    precision: wordOf(metadata, "precision", PRECISIONS) as ModelCard["precision"],
    classes: dataOf(metadata, "classes", isListOf<string>("string")),
    input: detector.input,
    normalization: detector.normalization,
    scores: detector.scores,
    postprocess: detector.postprocess,
    weights: textOf(metadata, "weights"),
    ...(metadata.has("levels") && { levels: dataOf(metadata, "levels", isListOf<number>("number")) }),
    ...(metadata.has("batchSize") && { batchSize: dataOf(metadata, "batchSize", isNatural) }),
    ...(metadata.has("normalize") && { normalize: textOf(metadata, "normalize") }),
  };
}

const OTHER = { fix: "name a model that `singleshot export` wrote" };

function textOf(metadata: ReadonlyMap<string, string>, key: string): string {
  const value = metadata.get(key);
  if (value === undefined) throw new InputError(`the model does not say its ${key}`, OTHER);
  return value;
}

function wordOf(metadata: ReadonlyMap<string, string>, key: string, words: readonly string[]): string {
  const word = textOf(metadata, key);
  if (!words.includes(word)) throw new InputError(`the model says an unknown ${key} of itself`, OTHER);
  return word;
}

function dataOf<T>(metadata: ReadonlyMap<string, string>, key: string, fits: (value: unknown) => value is T): T {
  const text = textOf(metadata, key);
  const value = parsed(text);
  if (!fits(value)) throw new InputError(`what the model says as its ${key} cannot be`, OTHER);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Recipe {
  detector: Pick<ModelCard, "input" | "normalization" | "scores" | "postprocess">;
}

const isListOf =
  <T>(type: "string" | "number") =>
  (value: unknown): value is T[] =>
    Array.isArray(value) && value.every((item) => typeof item === type);
const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isTriple = (value: unknown): boolean => isListOf<number>("number")(value) && value.length === 3;

/** As far as it is used; it was whole when it was written. */
function isRecipe(value: unknown): value is Recipe {
  const { input, normalization, scores, postprocess } = (value as Partial<Recipe> | null)?.detector ?? {};
  if (!input || !normalization || !postprocess?.nms) return false;
  const isSize =
    input.resize === "sides"
      ? isListOf<number>("number")(input.shortSides) &&
        input.shortSides.length > 0 &&
        isNatural(input.longSide) &&
        isNatural(input.multiple)
      : (input.resize === "stretch" || (input.resize === "letterbox" && isTriple(input.fill))) &&
        isNatural(input.width) &&
        isNatural(input.height);
  const numbers = [postprocess.scoreThreshold, postprocess.nms.iouThreshold];
  const isRule = isListOf("number")(numbers) && typeof postprocess.clip === "string" && typeof postprocess.clipTo === "string";
  return isSize && isRule && isTriple(normalization.mean) && isTriple(normalization.std) && SCORES.includes(scores ?? "");
}

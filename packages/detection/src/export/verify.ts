import { readFileSync } from "node:fs";
import { inferenceMode, scope } from "@singleshot/torch";
import {
  type Dataset,
  type Detections,
  evaluate,
  exportedAnswers,
  type ImageDetections,
  inPicture,
  layPictures,
  type OnnxModel,
  type Picture,
  readOnnx,
} from "@singleshot/vision";
import { decodePicture } from "@singleshot/vision/node";
import { boxCoder } from "../boxes/index.js";
import { scoresAndBoxes } from "../detectors/index.js";
import { detectAll, detectPictures, type Model } from "../evaluation/index.js";
import { pixelsOf } from "../loader/index.js";
import { compareDetections, largestDifference } from "./difference.js";
import type { OnnxRuntime } from "./onnx-runtime.js";

/** The exported file does not do what the detector does. */
export class ExportMismatch extends Error {
  override name = "ExportMismatch";
}

export interface Agreement {
  /** How many were looked at. */
  pictures: number;
  /** The largest difference, as a share of the largest score or of the input's side. */
  difference: number;
  /** Detections that only one of both has, of all. Graphs that give tables have none. */
  strangers: number;
  total: number;
}

const STRANGERS = 0.01; // share: two boxes that overlap just at the threshold may fall either way

/**
 * Runs an exported file beside its detector on the same pictures: one, three, four at a time.
 *
 * @throws ExportMismatch where they are further apart than `tolerance`, or the file says other things of itself than it should
 */
export async function verifyOnnx(
  runtime: OnnxRuntime,
  model: Pick<Model, "detector" | "recipe">,
  { pictures, tolerance }: { pictures: readonly Picture[]; tolerance: number },
): Promise<Agreement> {
  const parts: Omit<Agreement, "pictures">[] = [];
  for (const group of groupsOf(pictures)) parts.push(await compare(runtime, model, group));
  const sum = (of: (part: (typeof parts)[number]) => number) => parts.reduce((total, part) => total + of(part), 0);
  const difference = Math.max(...parts.map((part) => part.difference));
  const agreement = { pictures: pictures.length, difference, strangers: sum((part) => part.strangers), total: sum((part) => part.total) };
  requireAgreement(agreement, tolerance);
  return agreement;
}

function requireAgreement({ difference, strangers, total }: Agreement, tolerance: number): void {
  if (!(difference <= tolerance))
    throw new ExportMismatch(`the exported model is ${difference.toExponential(1)} away from the detector, more than ${tolerance}`);
  if (Number.isFinite(tolerance) && strangers > Math.max(1, STRANGERS * total))
    throw new ExportMismatch(`the exported model finds other things: ${strangers} of ${total} detections have no counterpart`);
}

const GROUPS = [1, 3, 4];

function* groupsOf(pictures: readonly Picture[]): Iterable<readonly Picture[]> {
  for (let from = 0, i = 0; from < pictures.length; i++) {
    const to = from + GROUPS[i % GROUPS.length]!;
    yield pictures.slice(from, to);
    from = to;
  }
}

async function compare(
  runtime: OnnxRuntime,
  { detector }: Pick<Model, "detector">,
  pictures: readonly Picture[],
): Promise<Omit<Agreement, "pictures">> {
  const { graph } = runtime.card;
  if (graph === "decoded" || graph === "raw")
    return { difference: await compareTables(runtime, detector, pictures), strangers: 0, total: 0 };
  const found = await runtime.detect(pictures);
  const bilinear = { ...detector.input, interpolation: "bilinear" as const }; // the one way that the image graph knows
  const wanted =
    graph === "image" ? pictures.flatMap((one) => detectPictures(detector, [one], bilinear)) : detectInInput(detector, pictures);
  const parts = found.map((one, i) => compareDetections(one, wanted[i]!, Math.max(pictures[i]!.width, pictures[i]!.height)));
  return {
    difference: Math.max(...parts.map(({ difference }) => difference)),
    strangers: parts.reduce((sum, part) => sum + part.strangers, 0),
    total: parts.reduce((sum, part) => sum + part.total, 0),
  };
}

/** What the nms graph cannot know is where in the input each picture lies: boxes are cut at the input's edge alone. */
function detectInInput(detector: Model["detector"], pictures: readonly Picture[]): Detections[] {
  const { placements, ...batch } = layPictures(pictures, detector.input);
  const found = scope(() =>
    inferenceMode(() => {
      const { images, extents } = pixelsOf(batch);
      return detector.postprocess(detector.forward(detector.normalize(images, extents)));
    }),
  );
  const clips = detector.options.postprocess.clip !== "none";
  return found.map((one, i) => inPicture(one, placements[i]!, pictures[i]!, { clips }));
}

/** Scores and boxes of every anchor. */
async function compareTables(runtime: OnnxRuntime, detector: Model["detector"], pictures: readonly Picture[]): Promise<number> {
  const { scores, boxes, levels, placements: _, ...batch } = await exportedAnswers(runtime, pictures);
  const wanted = scope(() =>
    inferenceMode(() => {
      const { images, extents } = pixelsOf(batch);
      const raw = detector.forward(detector.normalize(images, extents));
      const decoded = scoresAndBoxes(raw, detector.options, boxCoder(detector.options.coder));
      return { scores: decoded.scores.toTypedArray(), boxes: decoded.boxes.toTypedArray(), levels: Float32Array.from(raw.levels) };
    }),
  );
  return Math.max(
    largestDifference(scores, wanted.scores),
    largestDifference(boxes, wanted.boxes),
    largestDifference(Float32Array.from(levels ?? wanted.levels), wanted.levels),
  );
}

/** Refuses a file that says other things of itself than it was meant to. */
export function verifyHead({ metadata, inputs, outputs }: OnnxRuntime, intended: OnnxModel): void {
  for (const [key, value] of intended.metadata)
    if (metadata.get(key) !== value) throw new ExportMismatch(`the exported model says a wrong ${key} of itself`);
  const names = (values: readonly { name: string }[]) => values.map(({ name }) => name).join();
  const { graph } = intended;
  if (inputs.join() !== names(graph.inputs) || outputs.join() !== names(graph.outputs))
    throw new ExportMismatch("the exported model has other inputs or outputs than it should");
}

/** Refuses a file whose weights are not those that were meant: a single one may change nothing that eight pictures show. */
export function verifyTensors(file: string, { graph }: OnnxModel): void {
  const found = new Map(readOnnx(readFileSync(file)).graph.tensors.map((tensor) => [tensor.name, tensor]));
  for (const { name, bytes } of graph.tensors) {
    const other = found.get(name)?.bytes();
    if (!other || Buffer.compare(other, bytes()) !== 0)
      throw new ExportMismatch(`the exported model has other numbers in ${name} than it should`);
  }
}

/** How good the detector and the exported model are on the same pictures. */
export interface MapComparison {
  pictures: number;
  detector: number;
  exported: number;
}

export interface CompareOptions {
  onProgress?: (progress: { done: number; total: number }) => void;
}

/** The mean average precision of both, by the recipe's protocol. */
export async function compareScores(
  runtime: OnnxRuntime,
  { detector, recipe }: Pick<Model, "detector" | "recipe">,
  dataset: Dataset,
  { onProgress }: CompareOptions = {},
): Promise<MapComparison> {
  const own = await detectAll(detector, dataset, {});
  const exported: ImageDetections[] = [];
  for (const { id, imageFile } of dataset.entries) {
    const [found] = await runtime.detect([await decodePicture(imageFile)]);
    exported.push({ image: id, ...found! });
    onProgress?.({ done: exported.length, total: dataset.entries.length });
  }
  const truth = dataset.entries.map(({ id, boxes, labels, flags }) => ({ image: id, boxes, labels, flags }));
  const mapOf = (detections: ImageDetections[]) =>
    evaluate(recipe.evaluation.protocol, truth, detections, { classes: dataset.classes }).map ?? 0;
  return { pictures: truth.length, detector: mapOf(own), exported: mapOf(exported) };
}

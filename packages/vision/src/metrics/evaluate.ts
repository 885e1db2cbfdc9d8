import { evaluateCoco } from "./coco/index.js";
import { PROTOCOLS, type Protocol } from "./protocols.js";
import type { Evaluation, GroundTruth, ImageDetections } from "./types.js";
import { evaluateVoc, evaluateVocOverIou } from "./voc.js";
import type { VocConvention } from "./voc-match.js";

export interface EvaluateOptions {
  classes: readonly string[];
  /** of protocols that have one; default 0.5 */
  iouThreshold?: number;
  /** of Pascal VOC's family, instead of the protocol's own */
  convention?: VocConvention;
}

/**
 * How good detections are, counted in one of the ways of `PROTOCOLS`.
 *
 * @param groundTruth every picture that is evaluated, also those without objects
 * @param detections pictures without detections may be missing
 * @throws InputError: a NaN score, a box that is not finite, an unknown picture or label
 */
export function evaluate(
  protocol: Protocol,
  groundTruth: readonly GroundTruth[],
  detections: readonly ImageDetections[],
  { classes, iouThreshold = 0.5, convention }: EvaluateOptions,
): Evaluation {
  const row = PROTOCOLS[protocol];
  if (!("voc" in row)) return { protocol, ...ofCoco(groundTruth, detections, classes) };
  const options = { classes, metric: row.voc.metric, convention: convention ?? row.voc.convention };
  if (row.voc.thresholds === "many") return { protocol, ...evaluateVocOverIou(groundTruth, detections, options) };
  const { curves: _, ...evaluation } = evaluateVoc(groundTruth, detections, { ...options, iouThreshold });
  return { protocol, iouThreshold, ...evaluation };
}

function ofCoco(groundTruth: readonly GroundTruth[], detections: readonly ImageDetections[], names: readonly string[]) {
  const { stats, classes, images } = evaluateCoco(groundTruth, detections, { classes: names });
  const coco = stats.map((number) => (number === -1 ? null : number));
  const [map, ap50, ap75] = coco as [number | null, number | null, number | null];
  return { map, ap50, ap75, coco, classes, images };
}

import { evaluateCoco } from "./coco.js";
import type { Evaluation, GroundTruth, ImageDetections, Protocol } from "./types.js";
import { evaluateVoc, type VocConvention } from "./voc.js";

export interface EvaluateOptions {
  classes: readonly string[];
  /** VOC alone; default 0.5 */
  iouThreshold?: number;
  /** VOC alone; default GluonCV's and the development kit's */
  convention?: VocConvention;
}

/**
 * How good detections are: COCO's mean over ten IoU thresholds, Pascal VOC's 11 points (`voc07`), or VOC's area (`voc`).
 *
 * @param groundTruth every picture that is evaluated, also those without objects
 * @param detections pictures without detections may be missing
 * @throws InputError: a NaN score, a box that is not finite, an unknown picture or label
 */
export function evaluate(
  protocol: Protocol,
  groundTruth: readonly GroundTruth[],
  detections: readonly ImageDetections[],
  { iouThreshold = 0.5, ...options }: EvaluateOptions,
): Evaluation {
  if (protocol !== "coco") {
    const metric = protocol === "voc07" ? "11-point" : "area";
    const { map, classes, images } = evaluateVoc(groundTruth, detections, { ...options, metric, iouThreshold });
    return { protocol, map, iouThreshold, classes, images };
  }
  const { stats, classes, images } = evaluateCoco(groundTruth, detections, options);
  const [map, ap50, ap75] = stats.map((number) => (number === -1 ? null : number)) as [number | null, number | null, number | null];
  return { protocol, map, ap50, ap75, coco: stats, classes, images };
}

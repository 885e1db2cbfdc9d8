import { averagePrecision, elevenPointPrecision } from "./average-precision.js";
import { IOU_THRESHOLDS } from "./coco/index.js";
import { mean } from "./mean.js";
import { isIgnored, layOut } from "./objects.js";
import type { ClassResult, GroundTruth, ImageDetections } from "./types.js";
import { curveAt, nearestObjects, type VocConvention, type VocCurve } from "./voc-match.js";

export const VOC_CONVENTIONS = {
  /** also that of the VOC development kit */
  gluoncv: { pixel: 1, epsilon: 0, inclusive: true },
  /** pytorch-ssd; the original has NaN for an undefined precision */
  jetson: { pixel: 0, epsilon: 1e-5, inclusive: false },
} satisfies Record<string, VocConvention>;

export interface VocOptions {
  classes: readonly string[];
  /** area: under the whole curve (VOC 2010 and later); 11-point: VOC 2007 */
  metric: "area" | "11-point";
  iouThreshold?: number;
  convention?: VocConvention;
}

export interface VocEvaluation {
  map: number | null;
  classes: ClassResult[];
  images: number;
  /** per class */
  curves: VocCurve[];
}

/**
 * Pascal VOC's average precision. A detection belongs to the object of its class that it overlaps most; the first one to come
 * is right, later ones are wrong. `DIFFICULT` objects, and `CROWD`, are neither to be found nor wrong when found. Equal scores keep
 * the order of pictures and detections.
 *
 * @throws InputError: a NaN score, a box that is not finite, an unknown picture or label
 * @see Everingham et al. 2010, "The Pascal Visual Object Classes (VOC) Challenge"
 */
export function evaluateVoc(
  groundTruth: readonly GroundTruth[],
  detections: readonly ImageDetections[],
  { iouThreshold = 0.5, ...options }: VocOptions,
): VocEvaluation {
  return { ...evaluateAt([iouThreshold], groundTruth, detections, options)[0]!, images: groundTruth.length };
}

export interface VocOverIouEvaluation {
  map: number | null;
  ap50: number | null;
  ap75: number | null;
  classes: ClassResult[];
  images: number;
}

/** The mean of the same over the IoU thresholds 0.5, 0.55 .. 0.95, as in the RetinaNet tutorial. */
export function evaluateVocOverIou(
  groundTruth: readonly GroundTruth[],
  detections: readonly ImageDetections[],
  options: Omit<VocOptions, "iouThreshold">,
): VocOverIouEvaluation {
  const results = evaluateAt(IOU_THRESHOLDS, groundTruth, detections, options);
  const [at50, at75] = [0.5, 0.75].map((iou) => results[IOU_THRESHOLDS.indexOf(iou)]!) as [AtOneIou, AtOneIou];
  const classes = at50.classes.map((one, label) => {
    const ap = meanOfKnown(results.map(({ classes }) => classes[label]!.ap));
    return { ...one, ap, ap50: one.ap, ap75: at75.classes[label]!.ap };
  });
  return { map: meanOfKnown(results.map(({ map }) => map)), ap50: at50.map, ap75: at75.map, classes, images: groundTruth.length };
}

type AtOneIou = Omit<VocEvaluation, "images">;

const meanOfKnown = (values: readonly (number | null)[]) => mean(Float64Array.from(values.flatMap((value) => value ?? [])));

function evaluateAt(
  thresholds: ArrayLike<number>,
  groundTruth: readonly GroundTruth[],
  detections: readonly ImageDetections[],
  { classes, metric, convention = VOC_CONVENTIONS.gluoncv }: Omit<VocOptions, "iouThreshold">,
): AtOneIou[] {
  const { truth, found } = layOut(groundTruth, detections, classes);
  const integral = metric === "area" ? averagePrecision : elevenPointPrecision;
  const nearest = classes.map((_, label) => nearestObjects(truth, found, label, convention));
  const wanted = truth.byClass.map((objects) => objects.filter((g) => !isIgnored(truth, g)).length);
  return Array.from(thresholds, (threshold) => {
    const curves = nearest.map((one, label) => curveAt(threshold, one, { truth, found, wanted: wanted[label]!, convention }));
    const results = curves.map(({ precision, recall }, label) => ({
      name: classes[label]!,
      ap: wanted[label]! > 0 ? integral(precision, recall) : null,
      groundTruth: wanted[label]!,
      detections: found.byClass[label]!.length,
    }));
    return { map: meanOfKnown(results.map(({ ap }) => ap)), classes: results, curves };
  });
}

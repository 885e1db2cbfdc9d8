import { mean } from "../mean.js";
import { layOut } from "../objects.js";
import type { ClassResult, GroundTruth, ImageDetections } from "../types.js";
import { type CocoCurves, emptyCurves, fillCurves } from "./curves.js";
import { matchClass } from "./match.js";
import { AREA_RANGES, IOU_THRESHOLDS, MAX_DETECTIONS } from "./settings.js";

export interface CocoEvaluation {
  /** pycocotools' twelve numbers, -1 where there is nothing to find */
  stats: number[];
  classes: ClassResult[];
  images: number;
  curves: CocoCurves;
}

/**
 * COCO's evaluation of boxes, equal to pycocotools in every bit. Ten IoU thresholds, four ranges of area, 1, 10 and 100 detections a
 * picture and class. A crowd is neither to be found nor wrong when found, and neither is a `DIFFICULT` object, which COCO's own sets do not have.
 *
 * @param groundTruth every picture that is evaluated, also those without objects
 * @param detections pictures without detections may be missing
 * @throws InputError: a NaN score, a box that is not finite, an unknown picture or label
 * @see Lin et al. 2014 (arXiv:1405.0312)
 */
export function evaluateCoco(
  groundTruth: readonly GroundTruth[],
  detections: readonly ImageDetections[],
  { classes }: { classes: readonly string[] },
): CocoEvaluation {
  const { truth, found } = layOut(groundTruth, detections, classes);
  const curves = emptyCurves(classes.length);
  const wanted = classes.map((_, label) => {
    const outcomes = matchClass(truth, found, label);
    fillCurves(curves, outcomes, label);
    return outcomes.wanted[0]!;
  });
  const results = classes.map((name, label) => ({
    name,
    ap: meanPrecision(curves, { label }),
    ap50: meanPrecision(curves, { label, iou: 0.5 }),
    groundTruth: wanted[label]!,
    detections: found.byClass[label]!.length,
  }));
  return { stats: twelveNumbers(curves), classes: results, images: groundTruth.length, curves };
}

function twelveNumbers(curves: CocoCurves): number[] {
  const areas = ["small", "medium", "large"] as const;
  const numbers = [
    meanPrecision(curves),
    meanPrecision(curves, { iou: 0.5 }),
    meanPrecision(curves, { iou: 0.75 }),
    ...areas.map((area) => meanPrecision(curves, { area })),
    ...MAX_DETECTIONS.map((most) => meanRecall(curves, { most })),
    ...areas.map((area) => meanRecall(curves, { area })),
  ];
  return numbers.map((number) => number ?? -1);
}

/** Which part of the curves a mean is taken over. */
export interface CocoSelection {
  /** default: all thresholds */
  iou?: number;
  area?: (typeof AREA_RANGES)[number]["name"];
  most?: (typeof MAX_DETECTIONS)[number];
  /** from 0; default: all classes */
  label?: number;
}

/** Average precision over a part of the curves; null where there is nothing to find. */
export function meanPrecision({ precision, classes }: CocoCurves, selection: CocoSelection = {}): number | null {
  return meanOf(precision, classes, selection);
}

/** Average recall over a part of the curves; null where there is nothing to find. */
export function meanRecall({ recall, classes }: CocoCurves, selection: CocoSelection = {}): number | null {
  return meanOf(recall, classes, selection);
}

/** The mean over what is not -1 in a table whose first axis is the threshold and whose last three are class, area, detections. */
function meanOf(table: Float64Array, classes: number, { iou, area = "all", most = 100, label }: CocoSelection): number | null {
  const [A, M] = [AREA_RANGES.length, MAX_DETECTIONS.length];
  const column = AREA_RANGES.findIndex(({ name }) => name === area) * M + MAX_DETECTIONS.indexOf(most);
  const perThreshold = table.length / IOU_THRESHOLDS.length;
  const [first, step] = label === undefined ? [column, A * M] : [column + label * A * M, classes * A * M];
  const values: number[] = [];
  for (let i = first; i < table.length; i += step) {
    const chosen = iou === undefined || IOU_THRESHOLDS[Math.floor(i / perThreshold)] === iou;
    if (chosen && table[i]! > -1) values.push(table[i]!);
  }
  return mean(Float64Array.from(values));
}

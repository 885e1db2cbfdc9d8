import { averagePrecision, elevenPointPrecision } from "./average-precision.js";
import { mean } from "./mean.js";
import { type FoundObjects, layOut, type TrueObjects } from "./objects.js";
import type { ClassResult, GroundTruth, ImageDetections } from "./types.js";

/** How two boxes are compared; the originals differ. */
export interface VocConvention {
  /** added to x2 and y2: 1 where coordinates name pixels, both ends included */
  pixel: number;
  /** added to the union */
  epsilon: number;
  /** an IoU equal to the threshold matches */
  inclusive: boolean;
  /** the precision while every detection so far lies on a difficult object, 0/0. NaN makes the 11-point AP of the class NaN */
  undefinedPrecision?: number;
}

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
  /** per class, after each detection, best first */
  curves: VocCurve[];
}

export interface VocCurve {
  precision: Float64Array;
  recall: Float64Array;
  scores: Float64Array;
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
  options: VocOptions,
): VocEvaluation {
  const { classes, metric } = options;
  const { truth, found } = layOut(groundTruth, detections, classes);
  const integral = metric === "area" ? averagePrecision : elevenPointPrecision;
  const curves = classes.map((_, label) => curveOf(truth, found, label, options));
  const results = classes.map((name, label) => {
    const wanted = countWanted(truth, label);
    const { precision, recall } = curves[label]!;
    const ap = wanted > 0 ? integral(precision, recall) : null;
    return { name, ap, groundTruth: wanted, detections: found.byClass[label]!.length };
  });
  const listed = results.flatMap(({ ap }) => (ap === null ? [] : [ap]));
  return { map: mean(Float64Array.from(listed)), classes: results, images: groundTruth.length, curves };
}

const ignored = (truth: TrueObjects, g: number) => truth.difficult[g] === 1 || truth.crowd[g] === 1;
const countWanted = (truth: TrueObjects, label: number) => truth.byClass[label]!.filter((g) => !ignored(truth, g)).length;

function curveOf(truth: TrueObjects, found: FoundObjects, label: number, options: VocOptions): VocCurve {
  const undefinedPrecision = options.convention?.undefinedPrecision ?? 0;
  const wanted = countWanted(truth, label);
  const order = found.byClass[label]!.slice().sort((a, b) => found.scores[b]! - found.scores[a]!);
  const match = matcher(truth, found, label, options);
  let [right, wrong] = [0, 0];
  const rows = Array.from(order, (d) => {
    const verdict = match(d);
    if (verdict === "right") right++;
    if (verdict === "wrong") wrong++;
    return [right + wrong > 0 ? right / (wrong + right) : undefinedPrecision, right / wanted] as const;
  });
  return {
    precision: Float64Array.from(rows, ([precision]) => precision),
    recall: Float64Array.from(rows, ([, recall]) => recall),
    scores: Float64Array.from(order, (d) => found.scores[d]!),
  };
}

/** Tells of the detections of one class, best first, what each is. */
function matcher(
  truth: TrueObjects,
  found: FoundObjects,
  label: number,
  { iouThreshold = 0.5, convention = VOC_CONVENTIONS.gluoncv }: VocOptions,
) {
  const objectsIn = byImage(truth, label);
  const taken = new Set<number>();
  return (d: number): "right" | "wrong" | "ignored" => {
    let [best, highest] = [-1, -1];
    for (const g of objectsIn.get(found.images[d]!) ?? []) {
      const iou = overlap(truth.boxes, 4 * g, found.boxes, 4 * d, convention);
      if (iou > highest) [best, highest] = [g, iou];
    }
    if (!(convention.inclusive ? highest >= iouThreshold : highest > iouThreshold)) return "wrong";
    if (ignored(truth, best)) return "ignored";
    if (taken.has(best)) return "wrong";
    taken.add(best);
    return "right";
  };
}

function byImage(truth: TrueObjects, label: number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const g of truth.byClass[label]!) {
    const group = groups.get(truth.images[g]!);
    if (group) group.push(g);
    else groups.set(truth.images[g]!, [g]);
  }
  return groups;
}

function overlap(a: Float64Array, i: number, b: Float64Array, j: number, { pixel, epsilon }: VocConvention): number {
  const width = Math.min(a[i + 2]!, b[j + 2]!) + pixel - Math.max(a[i]!, b[j]!);
  const height = Math.min(a[i + 3]!, b[j + 3]!) + pixel - Math.max(a[i + 1]!, b[j + 1]!);
  const common = width > 0 && height > 0 ? width * height : 0;
  const area = (boxes: Float64Array, k: number) => (boxes[k + 2]! + pixel - boxes[k]!) * (boxes[k + 3]! + pixel - boxes[k + 1]!);
  return common / (area(a, i) + area(b, j) - common + epsilon);
}

import { type FoundObjects, isIgnored, type TrueObjects } from "./objects.js";

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

/** After each detection of a class, best first. */
export interface VocCurve {
  precision: Float64Array;
  recall: Float64Array;
  scores: Float64Array;
}

/** The detections of a class and what each of them overlaps most. */
export interface Nearest {
  /** [D] best first */
  detections: Uint32Array;
  /** [D] an object of the same picture and class, the first of equals; -1 where there is none */
  objects: Int32Array;
  /** [D] */
  iou: Float64Array;
}

export function nearestObjects(truth: TrueObjects, found: FoundObjects, label: number, convention: VocConvention): Nearest {
  const objectsIn = byImage(truth, label);
  const detections = found.byClass[label]!.slice().sort((a, b) => found.scores[b]! - found.scores[a]!);
  const [objects, iou] = [new Int32Array(detections.length), new Float64Array(detections.length)];
  detections.forEach((d, i) => {
    let [best, highest] = [-1, -1];
    for (const g of objectsIn.get(found.images[d]!) ?? []) {
      const overlap = overlapOf(truth.boxes, 4 * g, found.boxes, 4 * d, convention);
      if (overlap > highest) [best, highest] = [g, overlap];
    }
    objects[i] = best;
    iou[i] = highest;
  });
  return { detections, objects, iou };
}

/** The first detection of an object is right, later ones are wrong. */
export function curveAt(
  threshold: number,
  { detections, objects, iou }: Nearest,
  { truth, found, wanted, convention }: { truth: TrueObjects; found: FoundObjects; wanted: number; convention: VocConvention },
): VocCurve {
  const { inclusive, undefinedPrecision = 0 } = convention;
  const [precision, recall] = [new Float64Array(detections.length), new Float64Array(detections.length)];
  const taken = new Set<number>();
  let [right, wrong] = [0, 0];
  for (let i = 0; i < detections.length; i++) {
    const object = objects[i]!;
    const matches = object >= 0 && (inclusive ? iou[i]! >= threshold : iou[i]! > threshold);
    if (!matches || taken.has(object)) wrong++;
    else if (!isIgnored(truth, object)) {
      taken.add(object);
      right++;
    }
    precision[i] = right + wrong > 0 ? right / (wrong + right) : undefinedPrecision;
    recall[i] = right / wanted;
  }
  return { precision, recall, scores: Float64Array.from(detections, (d) => found.scores[d]!) };
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

function overlapOf(a: Float64Array, i: number, b: Float64Array, j: number, { pixel, epsilon }: VocConvention): number {
  const width = Math.min(a[i + 2]!, b[j + 2]!) + pixel - Math.max(a[i]!, b[j]!);
  const height = Math.min(a[i + 3]!, b[j + 3]!) + pixel - Math.max(a[i + 1]!, b[j + 1]!);
  const common = width > 0 && height > 0 ? width * height : 0;
  const area = (boxes: Float64Array, k: number) => (boxes[k + 2]! + pixel - boxes[k]!) * (boxes[k + 3]! + pixel - boxes[k + 1]!);
  return common / (area(a, i) + area(b, j) - common + epsilon);
}

import type { GroundTruth, ImageDetections } from "../metrics/index.js";
import { CROWD } from "../sample.js";

/** In place of a number: there is no such object or detection. */
export const NONE = -1;

/** One picture's detections (K) and objects (M), and which belong together. */
export interface MatchedPicture {
  truth: GroundTruth;
  found: ImageDetections;
  /** [K] the detections' numbers, best first; of equal scores the one listed first */
  order: Uint32Array;
  /** [K, M] with a crowd: the part of the detection that lies in it */
  iou: Float64Array;
  /** [K] the object that a detection found, or NONE */
  objectOf: Int32Array;
  /** [K] 1: neither right nor wrong, it lies on an object that does not count */
  ignored: Uint8Array;
  /** [M] the detection that found an object, or NONE */
  detectionOf: Int32Array;
  /** [M] 1: is to be found */
  wanted: Uint8Array;
}

export interface MatchOptions {
  /** a detection may belong to an object from this overlap on */
  iouThreshold?: number;
  /** objects with one of these flags are neither to be found nor wrong when found */
  ignore?: number;
}

/**
 * Tells of every picture which detection found which object. From the best score down a detection takes the free object of its class
 * that it overlaps most, as in COCO's evaluation: what a detection found does not depend on weaker ones, so that any threshold on the
 * score may be applied afterwards.
 *
 * @param groundTruth every picture, also those without objects
 * @param detections pictures without detections may be missing; checked records, as `evaluate` accepts them
 */
export function matchPictures(
  groundTruth: readonly GroundTruth[],
  detections: readonly ImageDetections[],
  options: MatchOptions = {},
): MatchedPicture[] {
  const foundIn = new Map(detections.map((record) => [record.image, record]));
  return groundTruth.map((truth) => matchPicture(truth, foundIn.get(truth.image) ?? nothing(truth.image), options));
}

const nothing = (image: string | number): ImageDetections => ({ image, boxes: new Float32Array(0), labels: [], scores: [] });

function matchPicture(truth: GroundTruth, found: ImageDetections, { iouThreshold = 0.5, ignore = CROWD }: MatchOptions): MatchedPicture {
  const [K, M] = [found.labels.length, truth.labels.length];
  const iou = overlaps(found, truth);
  const wanted = Uint8Array.from({ length: M }, (_, g) => ((truth.flags?.[g] ?? 0) & ignore ? 0 : 1));
  const objectOf = new Int32Array(K).fill(NONE);
  const detectionOf = new Int32Array(M).fill(NONE);
  const ignored = new Uint8Array(K);
  const order = Uint32Array.from({ length: K }, (_, d) => d).sort((a, b) => found.scores[b]! - found.scores[a]!);
  for (const d of order) {
    const free = best((g) => wanted[g] === 1 && detectionOf[g] === NONE);
    if (free !== NONE) [objectOf[d], detectionOf[free]] = [free, d];
    else if (best((g) => wanted[g] === 0) !== NONE) ignored[d] = 1;

    function best(allowed: (g: number) => boolean): number {
      let [object, highest] = [NONE, iouThreshold];
      for (let g = 0; g < M; g++) {
        if (truth.labels[g] === found.labels[d] && iou[d * M + g]! >= highest && allowed(g)) [object, highest] = [g, iou[d * M + g]!];
      }
      return object;
    }
  }
  return { truth, found, order, iou, objectOf, ignored, detectionOf, wanted };
}

function overlaps(found: ImageDetections, truth: GroundTruth): Float64Array {
  const [K, M] = [found.labels.length, truth.labels.length];
  const iou = new Float64Array(K * M);
  for (let d = 0; d < K; d++) {
    for (let g = 0; g < M; g++) iou[d * M + g] = overlap(found.boxes, 4 * d, truth.boxes, 4 * g, ((truth.flags?.[g] ?? 0) & CROWD) !== 0);
  }
  return iou;
}

function overlap(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, crowd: boolean): number {
  const width = Math.min(a[i + 2]!, b[j + 2]!) - Math.max(a[i]!, b[j]!);
  const height = Math.min(a[i + 3]!, b[j + 3]!) - Math.max(a[i + 1]!, b[j + 1]!);
  if (!(width > 0 && height > 0)) return 0;
  const common = width * height;
  const area = (boxes: ArrayLike<number>, k: number) => (boxes[k + 2]! - boxes[k]!) * (boxes[k + 3]! - boxes[k + 1]!);
  return common / (crowd ? area(a, i) : area(a, i) + area(b, j) - common);
}

/** Was the object found by a detection of at least this score? */
export function isFound({ found, detectionOf }: MatchedPicture, object: number, minScore: number): boolean {
  const detection = detectionOf[object]!;
  return detection !== NONE && found.scores[detection]! >= minScore;
}

import { averagePrecision } from "../metrics/index.js";
import { type MatchedPicture, NONE } from "./match.js";

/** The detections of one class over all pictures, best first; those that are neither right nor wrong are left out. */
export interface RankedClass {
  /** [D] descending */
  scores: Float64Array;
  /** [D] 1: right */
  right: Uint8Array;
  /** objects to be found */
  wanted: number;
}

/** @returns one record a class; label l is at l - 1 */
export function rankClasses(pictures: readonly MatchedPicture[], classes: number): RankedClass[] {
  const rows = Array.from({ length: classes }, (): { score: number; right: number }[] => []);
  const wanted = new Array<number>(classes).fill(0);
  for (const { truth, found, order, objectOf, ignored, wanted: counts } of pictures) {
    counts.forEach((count, g) => {
      wanted[truth.labels[g]! - 1]! += count;
    });
    for (const d of order) {
      if (!ignored[d]) rows[found.labels[d]! - 1]!.push({ score: found.scores[d]!, right: objectOf[d] === NONE ? 0 : 1 });
    }
  }
  return rows.map((row, label) => ranked(row, wanted[label]!));
}

/** Puts the rows of a class into order. */
export function ranked(rows: readonly { score: number; right: number }[], wanted: number): RankedClass {
  const sorted = [...rows].sort((a, b) => b.score - a.score);
  return { scores: Float64Array.from(sorted, ({ score }) => score), right: Uint8Array.from(sorted, ({ right }) => right), wanted };
}

/** The area under the precision-recall curve; 1 where nothing is to be found. */
export function apOf({ right, wanted }: RankedClass): number {
  if (wanted === 0) return 1;
  const hits = cumulated(right);
  const precision = hits.map((hit, i) => hit / (i + 1));
  return averagePrecision(
    precision,
    hits.map((hit) => hit / wanted),
  );
}

function cumulated(right: Uint8Array): Float64Array {
  const hits = Float64Array.from(right);
  for (let i = 1; i < hits.length; i++) hits[i]! += hits[i - 1]!;
  return hits;
}

export interface Accuracy {
  /** detections of at least this score are taken */
  score: number;
  /** share of the detections that are right; 1 where there are none */
  precision: number;
  /** share of the objects that are found */
  recall: number;
  /** harmonic mean of the two */
  f1: number;
}

/** How good a class is at every score that a detection has. */
export interface ClassCurve {
  name: string;
  wanted: number;
  /** one entry for each score that occurs, highest first; empty without detections or without objects */
  points: Accuracy[];
  /** where F1 is highest */
  best: Accuracy | undefined;
}

/** Precision, recall and F1 of each class over the score. */
export function classCurves(ranks: readonly RankedClass[], classes: readonly string[]): ClassCurve[] {
  return ranks.map((rank, label) => {
    const points = rank.wanted === 0 ? [] : pointsOf(rank);
    const best = points.reduce<Accuracy | undefined>((top, point) => (top && top.f1 >= point.f1 ? top : point), undefined);
    return { name: classes[label]!, wanted: rank.wanted, points, best };
  });
}

function pointsOf({ scores, right, wanted }: RankedClass): Accuracy[] {
  const hits = cumulated(right);
  const points: Accuracy[] = [];
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] !== scores[i + 1]) points.push(accuracy(scores[i]!, hits[i]!, i + 1, wanted)); // equal scores come together
  }
  return points;
}

function accuracy(score: number, hits: number, taken: number, wanted: number): Accuracy {
  return { score, precision: taken === 0 ? 1 : hits / taken, recall: hits / wanted, f1: (2 * hits) / (taken + wanted) };
}

/** A class when detections of at least this score are taken. */
export function accuracyAt({ points, wanted }: ClassCurve, score: number): Accuracy {
  let [low, high] = [0, points.length]; // points before `low` reach the score
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle]!.score >= score) low = middle + 1;
    else high = middle;
  }
  const point = points[low - 1];
  return point ? { ...point, score } : accuracy(score, 0, 0, Math.max(wanted, 1));
}

/** The score, in whole hundredths, from which on detections are best taken: where the mean of the classes' F1 is highest. */
export function bestScore(curves: readonly ClassCurve[]): number {
  const known = curves.filter(({ wanted }) => wanted > 0);
  const scores = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
  const means = scores.map((score) => known.reduce((sum, curve) => sum + accuracyAt(curve, score).f1, 0));
  const highest = Math.max(...means);
  return highest > 0 ? scores[means.indexOf(highest)]! : 0.5;
}

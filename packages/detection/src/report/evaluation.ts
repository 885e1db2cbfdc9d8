import {
  accuracyAt,
  bestScore,
  CROWD,
  classCurves,
  confusion,
  type Dataset,
  DIFFICULT,
  evaluate,
  findMistakes,
  type ImageDetections,
  type MatchedPicture,
  MISTAKES,
  matchPictures,
  mistakeCosts,
  type Protocol,
  rankClasses,
} from "@singleshot/vision";
import type { EvaluationPart } from "./data.js";

/** The overlap from which on a detection belongs to an object, all over the report. */
export const IOU_THRESHOLD = 0.5;

export interface EvaluationOptions {
  protocol: Protocol;
  weights: string;
  /** default: where the mean of the classes' F1 is highest */
  score?: number | undefined;
}

/** How good the detections of a data set are and what is wrong with them. */
export function evaluationPart(
  dataset: Dataset,
  detections: readonly ImageDetections[],
  { protocol, weights, score: wanted }: EvaluationOptions,
): { part: EvaluationPart; matched: MatchedPicture[] } {
  const { classes } = dataset;
  const truth = dataset.entries.map(({ id, boxes, labels, flags }) => ({ image: id, boxes, labels, flags }));
  const ignore = protocol === "coco" ? CROWD : CROWD | DIFFICULT;
  const matched = matchPictures(truth, detections, { iouThreshold: IOU_THRESHOLD, ignore });
  const curves = classCurves(rankClasses(matched, classes.length), classes);
  const score = wanted ?? bestScore(curves);
  const part = {
    split: dataset.split ?? dataset.name,
    weights,
    metrics: evaluate(protocol, truth, detections, { classes }),
    curves,
    score,
    atScore: curves.map((curve) => accuracyAt(curve, score)),
    ...confusionPart(matched, classes.length, score),
    mistakes: mistakePart(matched, classes.length, score),
  };
  return { part, matched };
}

function confusionPart(matched: readonly MatchedPicture[], C: number, score: number) {
  const { counts, missed, falseAlarms } = confusion(matched, C, { minScore: score, iouThreshold: IOU_THRESHOLD });
  const rows = Array.from(missed, (count, label) => [...counts.subarray(label * C, (label + 1) * C), count]);
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  const right = sum(rows.map((row, label) => row[label]!));
  return {
    totals: { objects: sum(rows.flat()), found: right, answers: sum(counts) + sum(falseAlarms), right },
    confusion: rows,
    falseAlarms: [...falseAlarms],
  };
}

function mistakePart(matched: readonly MatchedPicture[], C: number, score: number): EvaluationPart["mistakes"] {
  const costs = mistakeCosts(matched, findMistakes(matched), C);
  const made = findMistakes(matched, { minScore: score });
  return MISTAKES.map((kind) => ({ kind, count: made.filter((one) => one.kind === kind).length, cost: costs[kind] }));
}

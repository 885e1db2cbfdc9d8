import type { Detections } from "../sample.js";
import { takeBoxes } from "./arithmetic.js";
import { type SuppressionOptions, suppress } from "./nms.js";
import { bestOf } from "./top-k.js";

export interface MulticlassNmsOptions extends SuppressionOptions {
  /** C, the columns of the score table */
  classes: number;
  /** the first column that is asked: 1 leaves out a background in front */
  firstLabel?: number;
  /** only scores above it take part */
  scoreThreshold: number;
  /** only so many of the best of each class take part */
  candidatesPerClass?: number;
  /** only so many of the best are given back, all classes together */
  maxDetections?: number;
}

/**
 * From the score table of a detector, in which one box has a score for each class, to the detections of one picture.
 *
 * @param boxes [A, 4]
 * @param scores [A, C]
 * @returns best first, of equal scores the lower label first; a label is the number of its column. `indices` [K] are rows of the table.
 */
export function multiclassNms(
  boxes: Float32Array,
  scores: Float32Array,
  options: MulticlassNmsOptions,
): Detections & { indices: Uint32Array } {
  const { classes, candidatesPerClass = boxes.length / 4, maxDetections } = options;
  const kept = byColumn(scores, options).map((cells, label) => {
    const best = bestOf(scores, cells, candidatesPerClass);
    const rows = best.map((cell) => (cell - label) / classes);
    return Array.from(suppress(boxes, rows, options), (row) => row * classes + label);
  });
  const cells = Uint32Array.from(kept.flat())
    .sort((a, b) => scores[b]! - scores[a]!)
    .subarray(0, maxDetections);
  const indices = cells.map((cell) => Math.floor(cell / classes));
  const labels = Int32Array.from(cells, (cell) => cell % classes);
  return { boxes: takeBoxes(boxes, indices), labels, scores: Float32Array.from(cells, (cell) => scores[cell]!), indices };
}

/** The cells with a score above the threshold, a list for each column, each in ascending order. The table is read row by row. */
function byColumn(scores: Float32Array, { classes, firstLabel = 0, scoreThreshold }: MulticlassNmsOptions): Uint32Array[] {
  const rows = scores.length / classes;
  const cells = new Uint32Array(scores.length);
  const counts = new Uint32Array(classes);
  for (let row = 0; row < scores.length; row += classes) {
    for (let label = firstLabel; label < classes; label++) {
      if (scores[row + label]! > scoreThreshold) cells[label * rows + counts[label]!++] = row + label;
    }
  }
  return Array.from(counts, (count, label) => cells.subarray(label * rows, label * rows + count));
}

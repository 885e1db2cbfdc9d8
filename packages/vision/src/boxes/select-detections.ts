import type { Detections } from "../sample.js";
import { takeBoxes } from "./arithmetic.js";
import { type SuppressionOptions, suppress } from "./nms.js";
import { softNms } from "./soft-nms.js";
import { bestOf } from "./top-k.js";

export interface SelectionOptions {
  /** C, the columns of the score table. */
  classes: number;
  /** The first column that is asked: 1 leaves out a background in front. */
  firstColumn?: number;
  /** The label of column 0. */
  firstLabel?: number;
  /** Only scores above it take part. */
  scoreThreshold: number;
  candidates?: CandidateOptions;
  nms: SuppressionOptions & {
    /** `soft` lowers scores instead of removing boxes. */
    method?: "hard" | "soft";
    /** How fast a score falls with the overlap. */
    sigma?: number;
    /** Boxes of all classes compete. */
    classAgnostic?: boolean;
  };
  /** Only so many of each class are kept. */
  maxPerClass?: number | undefined;
  /** Only so many of the best are given back, all classes together. */
  maxDetections?: number | undefined;
}

export interface CandidateOptions {
  /** Whose best go into the suppression: each class's, each feature level's, or the picture's. */
  per?: "class" | "level" | "image";
  /** So many of them; left out: all. */
  count?: number | undefined;
  /** A box stands for its best class alone. */
  bestClassOnly?: boolean;
  /** Rows of the table in each feature level. */
  levels?: readonly number[];
}

/**
 * From the score table of a detector, in which one box has a score for each class, to the detections of one picture: threshold, the best
 * candidates, suppression among those of one class (or of all), the best that remain.
 *
 * @param boxes [A, 4]
 * @param scores [A, C]
 * @returns best first, of equal scores the lower label first. `indices` [K] are rows of the table.
 */
export function selectDetections(
  boxes: Float32Array,
  scores: Float32Array,
  options: SelectionOptions,
): Detections & { indices: Uint32Array } {
  const { classes, firstLabel = 0, nms, maxPerClass, maxDetections } = options;
  const byClass = candidatesByClass(scores, options);
  const rivals = nms.classAgnostic ? [bestOf(scores, ascending(byClass), Number.POSITIVE_INFINITY)] : byClass;
  const kept = rivals.flatMap((cells) => survivors(boxes, scores, cells, options).slice(0, maxPerClass));
  const best = kept.sort((a, b) => b.score - a.score || (a.cell % classes) - (b.cell % classes)).slice(0, maxDetections);
  const indices = Uint32Array.from(best, ({ cell }) => Math.floor(cell / classes));
  return {
    boxes: takeBoxes(boxes, indices),
    labels: Int32Array.from(best, ({ cell }) => firstLabel + (cell % classes)),
    scores: Float32Array.from(best, ({ score }) => score),
    indices,
  };
}

interface Kept {
  /** row · C + column */
  cell: number;
  score: number;
}

/** What suppression leaves of cells that come best first. */
function survivors(
  boxes: Float32Array,
  scores: Float32Array,
  cells: Uint32Array,
  { classes, scoreThreshold, nms }: SelectionOptions,
): Kept[] {
  const own = takeBoxes(
    boxes,
    cells.map((cell) => Math.floor(cell / classes)),
  );
  if (nms.method === "soft") {
    const { indices, scores: lowered } = softNms(
      own,
      Float32Array.from(cells, (cell) => scores[cell]!),
      { ...nms, scoreThreshold },
    );
    return Array.from(indices, (index, i) => ({ cell: cells[index]!, score: lowered[i]! }));
  }
  const places = cells.map((_, i) => i);
  return Array.from(suppress(own, places, nms), (index) => ({ cell: cells[index]!, score: scores[cells[index]!]! }));
}

/** The cells that take part, a list for each column, best first. */
function candidatesByClass(scores: Float32Array, options: SelectionOptions): Uint32Array[] {
  const { classes, candidates = {} } = options;
  const { per = "class", count = Number.POSITIVE_INFINITY, levels } = candidates;
  const rows = scores.length / classes;
  if (per === "class") return byColumn(scores, options, 0, rows).map((cells) => bestOf(scores, cells, count));
  const ranges = per === "level" && levels ? levels : [rows];
  let from = 0;
  const best = ranges.flatMap((length) => {
    const columns = byColumn(scores, options, from, from + length);
    from += length;
    return bestOf(scores, ascending(columns), count);
  });
  return splitByColumn(best, classes).map((cells) => bestOf(scores, ascending([cells]), Number.POSITIVE_INFINITY));
}

const ascending = (lists: readonly Uint32Array[]): Uint32Array => {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
};

function splitByColumn(lists: readonly Uint32Array[], classes: number): Uint32Array[] {
  const columns: number[][] = Array.from({ length: classes }, () => []);
  for (const cells of lists) for (const cell of cells) columns[cell % classes]!.push(cell);
  return columns.map((cells) => Uint32Array.from(cells));
}

/** The cells of some rows with a score above the threshold, a list for each column, each in ascending order. The table is read row by row. */
function byColumn(scores: Float32Array, options: SelectionOptions, fromRow: number, toRow: number): Uint32Array[] {
  const { classes, firstColumn = 0, scoreThreshold, candidates } = options;
  const rows = toRow - fromRow;
  const cells = new Uint32Array(rows * classes);
  const counts = new Uint32Array(classes);
  for (let row = fromRow * classes; row < toRow * classes; row += classes) {
    const only = candidates?.bestClassOnly ? bestColumn(scores, row, firstColumn, classes) : undefined;
    for (let column = only ?? firstColumn; column <= (only ?? classes - 1); column++) {
      if (scores[row + column]! > scoreThreshold) cells[column * rows + counts[column]!++] = row + column;
    }
  }
  return Array.from(counts, (count, column) => cells.subarray(column * rows, column * rows + count));
}

function bestColumn(scores: Float32Array, row: number, from: number, to: number): number {
  let best = from;
  for (let column = from + 1; column < to; column++) if (scores[row + column]! > scores[row + best]!) best = column;
  return best;
}

import type { Detections } from "../sample.js";
import { takeBoxes } from "./arithmetic.js";
import { type SuppressionOptions, suppressor } from "./nms.js";
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
  const { classes, firstLabel = 0, nms, maxDetections } = options;
  const kept = (nms.method === "soft" ? keepSoftly : keepBest)(boxes, scores, options);
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

/** Suppression from the best cell down, of whatever class: when enough are kept, the weaker ones need not be looked at. */
function keepBest(boxes: Float32Array, scores: Float32Array, options: SelectionOptions): Kept[] {
  const { classes, nms, maxPerClass = Number.POSITIVE_INFINITY, maxDetections = Number.POSITIVE_INFINITY } = options;
  const [mostSeen, seen, taken] = [candidatesPerClass(options), new Uint32Array(classes), new Uint32Array(classes)];
  const rivals = Array.from({ length: nms.classAgnostic ? 1 : classes }, () => suppressor(nms));
  const kept: Kept[] = [];
  for (const cell of bestFirst(scores, candidateCells(scores, options), 4 * maxDetections)) {
    const score = scores[cell]!;
    if (kept.length >= maxDetections && score !== kept.at(-1)?.score) break; // of equal ones the label decides
    const column = cell % classes;
    if (seen[column]!++ >= mostSeen || taken[column]! >= maxPerClass) continue;
    if (!rivals[nms.classAgnostic ? 0 : column]!(boxes, (cell - column) / classes)) continue;
    taken[column]!++;
    kept.push({ cell, score });
  }
  return kept;
}

/** The cells, best first, of equal scores in their order; sorted no further than they are asked for. */
function* bestFirst(scores: Float32Array, cells: Uint32Array, first: number): Generator<number> {
  for (let [done, k] = [0, Math.max(first, 1)]; done < cells.length; done = k, k *= 4) yield* bestOf(scores, cells, k).subarray(done);
}

/** Suppression that lowers scores must look at all cells, class by class. */
function keepSoftly(boxes: Float32Array, scores: Float32Array, options: SelectionOptions): Kept[] {
  const { classes, scoreThreshold, nms, maxPerClass } = options;
  const all = candidateCells(scores, options);
  const byClass = Array.from({ length: classes }, (_, column) =>
    bestOf(
      scores,
      all.filter((cell) => cell % classes === column),
      candidatesPerClass(options),
    ),
  );
  const rivals = nms.classAgnostic ? [ascending(byClass)] : byClass;
  return rivals.flatMap((cells) => {
    const own = takeBoxes(
      boxes,
      cells.map((cell) => Math.floor(cell / classes)),
    );
    const cellScores = Float32Array.from(cells, (cell) => scores[cell]!);
    const { indices, scores: lowered } = softNms(own, cellScores, { ...nms, scoreThreshold });
    return Array.from(indices.subarray(0, maxPerClass), (index, i) => ({ cell: cells[index]!, score: lowered[i]! }));
  });
}

const candidatesPerClass = ({ candidates: { per = "class", count } = {} }: SelectionOptions): number =>
  per === "class" ? (count ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;

/** The cells that may take part, ascending; where candidates are counted by class, still all of them. */
function candidateCells(scores: Float32Array, options: SelectionOptions): Uint32Array {
  const { classes, candidates = {} } = options;
  const { per = "class", count = Number.POSITIVE_INFINITY, levels } = candidates;
  const rows = scores.length / classes;
  if (per === "class") return cellsAbove(scores, options, 0, rows);
  let from = 0;
  const best = (per === "level" && levels ? levels : [rows]).map((length) => {
    const cells = cellsAbove(scores, options, from, from + length);
    from += length;
    return bestOf(scores, cells, count);
  });
  return ascending(best);
}

function ascending(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}

/** The cells of some rows with a score above the threshold, ascending. */
function cellsAbove(scores: Float32Array, options: SelectionOptions, fromRow: number, toRow: number): Uint32Array {
  const { classes, firstColumn = 0, scoreThreshold, candidates } = options;
  const cells = new Uint32Array((toRow - fromRow) * classes);
  let count = 0;
  for (let row = fromRow * classes; row < toRow * classes; row += classes) {
    const only = candidates?.bestClassOnly ? bestColumn(scores, row, firstColumn, classes) : undefined;
    for (let cell = row + (only ?? firstColumn); cell <= row + (only ?? classes - 1); cell++) {
      if (scores[cell]! > scoreThreshold) cells[count++] = cell;
    }
  }
  return cells.subarray(0, count);
}

function bestColumn(scores: Float32Array, row: number, from: number, to: number): number {
  let best = from;
  for (let column = from + 1; column < to; column++) if (scores[row + column]! > scores[row + best]!) best = column;
  return best;
}

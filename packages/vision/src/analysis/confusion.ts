import { isFound, type MatchedPicture, NONE } from "./match.js";

/** What objects were taken for. C classes. */
export interface Confusion {
  /** [C, C] row: the object's class, column: the detection's; found with the right name on the diagonal */
  counts: Uint32Array;
  /** [C] objects of a class that no detection lies on */
  missed: Uint32Array;
  /** [C] detections of a class that lie on no object, or on one that another detection answers for */
  falseAlarms: Uint32Array;
}

/**
 * Counts what objects were taken for among the detections of at least a score. Right names come first, as in the evaluation; a detection
 * that is left may then answer for an object of another class that is left: of those it overlaps enough, the one it overlaps most.
 * So every wanted object counts once in its row (with `missed`), every detection once in its column (with `falseAlarms`).
 */
export function confusion(
  pictures: readonly MatchedPicture[],
  classes: number,
  { minScore, iouThreshold = 0.5 }: { minScore: number; iouThreshold?: number },
): Confusion {
  const table = { counts: new Uint32Array(classes ** 2), missed: new Uint32Array(classes), falseAlarms: new Uint32Array(classes) };
  for (const picture of pictures) countPicture(picture, table, classes, minScore, iouThreshold);
  return table;
}

function countPicture(picture: MatchedPicture, table: Confusion, classes: number, minScore: number, iouThreshold: number): void {
  const { truth, found, order, objectOf, ignored, wanted, iou } = picture;
  const M = truth.labels.length;
  const free = new Set([...wanted.keys()].filter((g) => wanted[g] === 1 && !isFound(picture, g, minScore)));
  for (const d of order) {
    if (found.scores[d]! < minScore || ignored[d]) continue;
    const object = objectOf[d] === NONE ? mistaken(d) : objectOf[d]!;
    if (object === NONE) table.falseAlarms[found.labels[d]! - 1]!++;
    else table.counts[(truth.labels[object]! - 1) * classes + found.labels[d]! - 1]!++;
    free.delete(object);
  }
  for (const g of free) table.missed[truth.labels[g]! - 1]!++;

  function mistaken(d: number): number {
    const near = [...free].filter((g) => iou[d * M + g]! >= iouThreshold);
    return near.reduce((best, g) => (best === NONE || iou[d * M + g]! > iou[d * M + best]! ? g : best), NONE);
  }
}

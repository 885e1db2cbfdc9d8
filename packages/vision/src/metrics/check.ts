import { InputError, type InputErrorPlace } from "@singleshot/base";
import type { GroundTruth, ImageDetections } from "./types.js";

/** The number of each picture. */
export function imageIndex(groundTruth: readonly GroundTruth[]): Map<string | number, number> {
  const indexOf = new Map<string | number, number>();
  for (const { image } of groundTruth) {
    if (indexOf.has(image)) throw new InputError(`picture ${image} stands in the ground truth twice`, { fix: "leave one of the two" });
    indexOf.set(image, indexOf.size);
  }
  return indexOf;
}

export function checkGroundTruth(record: GroundTruth, classes: readonly string[]): void {
  const { flags, areas, boxAreas, ids } = record;
  checkLengths(record, { flags, areas, boxAreas, ids });
  checkLabels(record, classes, "ground truth");
  checkBoxes(record, "ground truth");
}

export function checkDetections(record: ImageDetections, classes: readonly string[], indexOf: ReadonlyMap<string | number, number>): void {
  if (!indexOf.has(record.image)) throw unknownImage(record.image);
  checkLengths(record, { scores: record.scores, boxAreas: record.boxAreas });
  checkLabels(record, classes, "detection");
  checkBoxes(record, "detection");
  for (let i = 0; i < record.scores.length; i++) {
    if (Number.isNaN(record.scores[i])) throw nanScore(`picture ${record.image}, detection ${i + 1} (${classes[record.labels[i]! - 1]})`);
  }
}

export function unknownImage(image: string | number, place: InputErrorPlace = {}): InputError {
  const fix = "give the ground truth that belongs to these detections; a number and the same digits as text are different names";
  return new InputError(`the ground truth has no picture ${JSON.stringify(image)}`, { ...place, fix });
}

export function nanScore(what: string, place: InputErrorPlace = {}): InputError {
  return new InputError(`${what}: its score is NaN`, { ...place, fix: "scores must be numbers; a detector that gives NaN has diverged" });
}

type Boxes = Pick<ImageDetections, "image" | "boxes" | "labels">;

function checkLengths({ image, boxes, labels }: Boxes, columns: Record<string, ArrayLike<unknown> | undefined>): void {
  const n = labels.length;
  if (boxes.length !== 4 * n) throw new InputError(`picture ${image}: ${n} labels, but boxes of length ${boxes.length}, not ${4 * n}`);
  for (const [name, column] of Object.entries(columns)) {
    if (column && column.length !== n) throw new InputError(`picture ${image}: ${n} labels, but ${name} of length ${column.length}`);
  }
}

function checkLabels({ image, labels }: Boxes, classes: readonly string[], what: string): void {
  for (let i = 0; i < labels.length; i++) {
    if (classes[labels[i]! - 1] !== undefined) continue;
    throw new InputError(
      `picture ${image}, ${what} ${i + 1}: label ${labels[i]}, but the labels of ${classes.length} classes are 1 to ${classes.length}`,
    );
  }
}

function checkBoxes({ image, boxes }: Boxes, what: string): void {
  const wrong = boxes.findIndex((x) => !Number.isFinite(x));
  if (wrong < 0) return;
  const i = Math.floor(wrong / 4);
  throw new InputError(`picture ${image}, ${what} ${i + 1}: box [${[...boxes.subarray(4 * i, 4 * i + 4)].join(", ")}] is not finite`);
}

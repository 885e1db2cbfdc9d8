import { type BoxArray, boxAreas } from "../boxes/index.js";
import { CROWD, DIFFICULT } from "../sample.js";
import { checkDetections, checkGroundTruth, imageIndex } from "./check.js";
import { groupPlaces } from "./coco/index.js";
import type { GroundTruth, ImageDetections } from "./types.js";

/** The objects of all pictures one after the other, in the order of the pictures. */
export interface Objects {
  /** [n, 4] */
  boxes: Float64Array;
  /** [n] */
  boxAreas: Float64Array;
  /** [n] number of the picture, ascending */
  images: Float64Array;
  /** [C] per class, the numbers of its objects in ascending order */
  byClass: Uint32Array[];
}

export interface TrueObjects extends Objects {
  /** [n] the area that decides about small, medium, large */
  areas: Float64Array;
  crowd: Uint8Array;
  difficult: Uint8Array;
  /** [n] 1 where the annotation's id is 0 */
  idZero: Uint8Array;
}

/** Not to be found, and not wrong when found. */
export const isIgnored = ({ difficult, crowd }: TrueObjects, g: number): boolean => difficult[g] === 1 || crowd[g] === 1;

export interface FoundObjects extends Objects {
  scores: Float64Array;
}

/** Checks both sides and lays them out flat. Pictures keep the order of the ground truth; this order decides between equal scores. */
export function layOut(groundTruth: readonly GroundTruth[], detections: readonly ImageDetections[], classes: readonly string[]) {
  const indexOf = imageIndex(groundTruth);
  for (const record of groundTruth) checkGroundTruth(record, classes);
  for (const record of detections) checkDetections(record, classes, indexOf);
  const found = [...detections].sort((a, b) => indexOf.get(a.image)! - indexOf.get(b.image)!);
  return { truth: trueObjects(groundTruth, indexOf, classes.length), found: foundObjects(found, indexOf, classes.length) };
}

function trueObjects(records: readonly GroundTruth[], indexOf: Map<string | number, number>, classes: number): TrueObjects {
  const objects = common(records, indexOf, classes);
  const flags = join(records, (record) => record.flags ?? zeros(record));
  return {
    ...objects,
    areas: join(records, (record) => record.areas ?? areasOf(record)),
    crowd: Uint8Array.from(flags, (flag) => flag & CROWD && 1),
    difficult: Uint8Array.from(flags, (flag) => flag & DIFFICULT && 1),
    idZero: Uint8Array.from(join(records, (record) => (record.ids ? Array.from(record.ids, (id) => (id === 0 ? 1 : 0)) : zeros(record)))),
  };
}

function foundObjects(records: readonly ImageDetections[], indexOf: Map<string | number, number>, classes: number): FoundObjects {
  return { ...common(records, indexOf, classes), scores: join(records, (record) => record.scores) };
}

type Boxes = Pick<ImageDetections, "image" | "boxes" | "labels" | "boxAreas">;

function common(records: readonly Boxes[], indexOf: Map<string | number, number>, classes: number): Objects {
  return {
    boxes: join(records, (record) => record.boxes),
    boxAreas: join(records, areasOf),
    images: join(records, (record) => zeros(record).fill(indexOf.get(record.image)!)),
    byClass: groupPlaces(
      join(records, (record) => record.labels).map((label) => label - 1),
      classes,
    ),
  };
}

const zeros = (record: Boxes) => new Float64Array(record.labels.length);
const areasOf = (record: Boxes): BoxArray | ArrayLike<number> => record.boxAreas ?? boxAreas(Float64Array.from(record.boxes));

function join<R>(records: readonly R[], values: (record: R) => ArrayLike<number>): Float64Array {
  const parts = records.map(values);
  const joined = new Float64Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

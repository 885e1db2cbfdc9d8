import { CROWD } from "../../sample.js";
import { unknownImage } from "../check.js";
import type { GroundTruth, ImageDetections } from "../types.js";
import { groupPlaces } from "./group.js";
import { type CocoResults, cocoResults } from "./results.js";
import { type Annotation, checkAnnotations, type Id } from "./rows.js";

export interface CocoSets {
  groundTruth: GroundTruth[];
  detections: ImageDetections[];
  /** in the order of their ids in the file */
  classes: string[];
  /** what is worth knowing of the files, a sentence each */
  notes: string[];
}

/** Names of files, for messages. */
interface Files {
  annotations?: string;
  detections?: string;
}

/**
 * A COCO annotation file and a COCO result list as records for the evaluation, such that it gives pycocotools' numbers: pictures and
 * classes in the order of their ids, objects as listed. As there, annotations of unlisted pictures and boxes of unlisted categories do
 * not count; the notes say how many there are.
 *
 * @param annotations parsed: `{ images, annotations, categories }`
 * @param detections parsed: `[{ image_id, category_id, bbox: [x, y, width, height], score }]`
 * @throws InputError: not such a file, a broken box, a NaN score, a detection in a picture that is not listed
 */
export function fromCocoJson(annotations: unknown, detections: unknown, files: Files = {}): CocoSets {
  return fromCocoResults(annotations, cocoResults(detections, files.detections), files);
}

/** The same with detections that `readCocoResults` has read. */
export function fromCocoResults(annotations: unknown, results: CocoResults, files: Files = {}): CocoSets {
  checkAnnotations(annotations, files.annotations);
  const { images, categories, annotations: objects } = annotations;
  const names = new Map(categories.map(({ id, name }) => [id, name ?? String(id)]));
  const imageIds = inOrder(images.map(({ id }) => id));
  const classIds = inOrder(names.keys());
  const index: Index = { imageOf: numbered(imageIds, 0), labelOf: numbered(classIds, 1) };
  requireKnownImages(results.imageIds, index, files.detections);
  const truth = groupByImage(boxColumns(objects), index);
  const found = groupByImage(results, index);
  return {
    groundTruth: imageIds.map((image, i) => {
      const { rows, ...boxes } = truth(i);
      return { image, ...boxes, ...truthColumns(rows, objects) };
    }),
    detections: imageIds.map((image, i) => {
      const { rows, ...boxes } = found(i);
      return { image, ...boxes, scores: Float64Array.from(rows, (row) => results.scores[row]!) };
    }),
    classes: classIds.map((id) => names.get(id)!),
    notes: notes(objects, results, index),
  };
}

/** Without repetition, numbers by size and before texts. */
function inOrder(ids: Iterable<Id>): Id[] {
  const compare = (a: Id, b: Id) => (typeof a === "number" && typeof b === "number" ? a - b : a < b ? -1 : 1);
  const distinct = [...new Set(ids)];
  const of = (type: string) => distinct.filter((id) => typeof id === type).sort(compare);
  return [...of("number"), ...of("string")];
}

interface Index {
  /** from 0 */
  imageOf: ReadonlyMap<Id, number>;
  /** from 1 */
  labelOf: ReadonlyMap<Id, number>;
}

const numbered = (ids: readonly Id[], first: number) => new Map(ids.map((id, i) => [id, first + i]));

function requireKnownImages(ids: ArrayLike<Id>, { imageOf }: Index, file?: string): void {
  for (let row = 0; row < ids.length; row++) if (!imageOf.has(ids[row]!)) throw unknownImage(ids[row]!, file === undefined ? {} : { file });
}

type Boxes = Omit<CocoResults, "scores">;

const boxColumns = (rows: readonly Annotation[]): Boxes => ({
  imageIds: rows.map(({ image_id }) => image_id),
  categoryIds: rows.map(({ category_id }) => category_id),
  bboxes: Float64Array.from(rows.flatMap(({ bbox }) => bbox)),
});

/** Gives the boxes of a picture, as listed, and the rows they stand in. What belongs to no listed picture or category is left out. */
function groupByImage(boxes: Boxes, { imageOf, labelOf }: Index) {
  const images = Int32Array.from(boxes.imageIds, (id, row) => (labelOf.has(boxes.categoryIds[row]!) ? (imageOf.get(id) ?? -1) : -1));
  const groups = groupPlaces(images, imageOf.size);
  return (image: number) => {
    const rows = groups[image]!;
    const corners = new Float64Array(4 * rows.length);
    const [boxAreas, labels] = [new Float64Array(rows.length), new Int32Array(rows.length)];
    rows.forEach((row, i) => {
      const [x, y, width, height] = boxes.bboxes.subarray(4 * row, 4 * row + 4) as unknown as [number, number, number, number];
      corners.set([x, y, x + width, y + height], 4 * i);
      boxAreas[i] = width * height;
      labels[i] = labelOf.get(boxes.categoryIds[row]!)!;
    });
    return { rows, boxes: corners, boxAreas, labels };
  };
}

function truthColumns(rows: Uint32Array, objects: readonly Annotation[]) {
  const listed = Array.from(rows, (row) => objects[row]!);
  return {
    flags: Uint8Array.from(listed, ({ iscrowd }) => (iscrowd ? CROWD : 0)),
    areas: Float64Array.from(listed, ({ area, bbox: [, , width, height] }) => area ?? width * height),
    ids: listed.map(({ id }, i) => id ?? `${i + 1} of the picture`),
  };
}

function notes(objects: readonly Annotation[], results: CocoResults, { imageOf, labelOf }: Index): string[] {
  const strayObjects = objects.filter(({ image_id }) => !imageOf.has(image_id)).length;
  const strayResults = Array.from(results.categoryIds).filter((id) => !labelOf.has(id));
  const categories = inOrder(strayResults);
  const sentences = [
    strayObjects > 0 && `Left out: annotations of pictures that the file does not list (${strayObjects}).`,
    strayResults.length > 0 &&
      `Left out: detections of categories that the annotations do not list (${strayResults.length}; categories ${categories.slice(0, 5).join(", ")}${categories.length > 5 ? ", …" : ""}).`,
    objects.some(({ id }) => id === 0) &&
      "An annotation has the id 0: as in pycocotools, what matches it counts as wrong. Number annotations from 1 to have it count.",
  ];
  return sentences.filter((sentence) => sentence !== false);
}

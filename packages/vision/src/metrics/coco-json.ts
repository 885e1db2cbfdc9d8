import { CROWD } from "../sample.js";
import { type Annotation, checkAnnotations, checkResults, type Id, type Result } from "./coco-rows.js";
import type { GroundTruth, ImageDetections } from "./types.js";

export interface CocoSets {
  groundTruth: GroundTruth[];
  detections: ImageDetections[];
  /** in the order of their ids in the file */
  classes: string[];
  /** what is worth knowing of the files, a sentence each */
  notes: string[];
}

/**
 * A COCO annotation file and a COCO result list as records for the evaluation, such that it gives pycocotools' numbers: pictures and
 * classes in the order of their ids, objects as listed. As there, annotations of unlisted pictures and boxes of unlisted categories do
 * not count; the notes say how many there are.
 *
 * @param annotations parsed: `{ images, annotations, categories }`
 * @param detections parsed: `[{ image_id, category_id, bbox: [x, y, width, height], score }]`
 * @param files their names, for messages
 * @throws InputError: not such a file, a broken box, a NaN score, a detection in a picture that is not listed
 */
export function fromCocoJson(
  annotations: unknown,
  detections: unknown,
  files: { annotations?: string; detections?: string } = {},
): CocoSets {
  checkAnnotations(annotations, files.annotations);
  const imageIds = inOrder(annotations.images.map(({ id }) => id));
  checkResults(detections, new Set(imageIds), files.detections);
  const names = new Map(annotations.categories.map(({ id, name }) => [id, name ?? String(id)]));
  const labelOf = new Map(inOrder(names.keys()).map((id, i) => [id, i + 1]));
  const truth = byImage(annotations.annotations, imageIds, labelOf);
  const found = byImage(detections, imageIds, labelOf);
  return {
    groundTruth: imageIds.map((image) => ({ image, ...columns(truth.get(image)!, labelOf), ...truthColumns(truth.get(image)!) })),
    detections: imageIds.map((image) => {
      const rows = found.get(image)!;
      return { image, ...columns(rows, labelOf), scores: Float64Array.from(rows, ({ score }) => score) };
    }),
    classes: [...labelOf.keys()].map((id) => names.get(id)!),
    notes: notes(annotations.annotations, detections, new Set(imageIds), labelOf),
  };
}

/** Without repetition, numbers by size and before texts. */
function inOrder(ids: Iterable<Id>): Id[] {
  const compare = (a: Id, b: Id) => (typeof a === "number" && typeof b === "number" ? a - b : a < b ? -1 : 1);
  const distinct = [...new Set(ids)];
  const of = (type: string) => distinct.filter((id) => typeof id === type).sort(compare);
  return [...of("number"), ...of("string")];
}

type Row = Annotation | Result;

function byImage<R extends Row>(rows: readonly R[], images: readonly Id[], labelOf: ReadonlyMap<Id, number>): Map<Id, R[]> {
  const groups = new Map(images.map((id): [Id, R[]] => [id, []]));
  for (const row of rows) if (labelOf.has(row.category_id)) groups.get(row.image_id)?.push(row);
  return groups;
}

function columns(rows: readonly Row[], labelOf: ReadonlyMap<Id, number>) {
  return {
    boxes: Float64Array.from(rows.flatMap(({ bbox: [x, y, width, height] }) => [x, y, x + width, y + height])),
    boxAreas: Float64Array.from(rows, ({ bbox: [, , width, height] }) => width * height),
    labels: Int32Array.from(rows, ({ category_id }) => labelOf.get(category_id)!),
  };
}

function truthColumns(rows: readonly Annotation[]) {
  return {
    flags: Uint8Array.from(rows, ({ iscrowd }) => (iscrowd ? CROWD : 0)),
    areas: Float64Array.from(rows, ({ area, bbox: [, , width, height] }) => area ?? width * height),
    ids: rows.map(({ id }, i) => id ?? `${i + 1} of the picture`),
  };
}

function notes(
  annotations: readonly Annotation[],
  results: readonly Result[],
  images: ReadonlySet<Id>,
  labelOf: ReadonlyMap<Id, number>,
): string[] {
  const strayObjects = annotations.filter(({ image_id }) => !images.has(image_id)).length;
  const strayResults = results.filter(({ category_id }) => !labelOf.has(category_id));
  const categories = inOrder(strayResults.map(({ category_id }) => category_id));
  const sentences = [
    strayObjects > 0 && `Left out: annotations of pictures that the file does not list (${strayObjects}).`,
    strayResults.length > 0 &&
      `Left out: detections of categories that the annotations do not list (${strayResults.length}; categories ${categories.slice(0, 5).join(", ")}${categories.length > 5 ? ", …" : ""}).`,
    annotations.some(({ id }) => id === 0) &&
      "An annotation has the id 0: as in pycocotools, what matches it counts as wrong. Number annotations from 1 to have it count.",
  ];
  return sentences.filter((sentence) => sentence !== false);
}

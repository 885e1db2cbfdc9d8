import { InputError } from "@singleshot/base";
import { parseRegularResults } from "./regular-results.js";
import { checkResults, type Id, parseCocoText } from "./rows.js";

/** A list of COCO results as columns. */
export interface CocoResults {
  /** [n] */
  imageIds: ArrayLike<Id>;
  /** [n] */
  categoryIds: ArrayLike<Id>;
  /** [n, 4] x, y, width, height */
  bboxes: Float64Array;
  /** [n] */
  scores: Float64Array;
}

const LONGEST_TEXT = 2 ** 29 - 24; // characters, in V8

/**
 * Reads a file of COCO results.
 *
 * @param bytes its content, `[{ "image_id", "category_id", "bbox": [x, y, width, height], "score" }]`
 * @throws InputError: no JSON, not such a list, a broken box, a NaN score
 */
export function readCocoResults(bytes: Uint8Array, file?: string): CocoResults {
  const regular = parseRegularResults(bytes);
  if (regular) return regular;
  if (bytes.length > LONGEST_TEXT) {
    const fix = "write rows of image_id, category_id, bbox and score alone, with numbers as ids: these may be of any size";
    throw new InputError("a file of 512 MB or more whose rows are not of the plain form", { ...(file !== undefined && { file }), fix });
  }
  return cocoResults(parseCocoText(new TextDecoder().decode(bytes), file), file);
}

/** The same from the content, parsed. */
export function cocoResults(content: unknown, file?: string): CocoResults {
  checkResults(content, file);
  return {
    imageIds: content.map(({ image_id }) => image_id),
    categoryIds: content.map(({ category_id }) => category_id),
    bboxes: Float64Array.from(content.flatMap(({ bbox }) => bbox)),
    scores: Float64Array.from(content, ({ score }) => score),
  };
}

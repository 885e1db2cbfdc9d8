import type { Dataset, DatasetEntry, ImageDetections } from "@singleshot/vision";
import { decodePicture, drawDetections, encodePicture } from "@singleshot/vision/node";
import type { EncodedPicture } from "./events.js";

/** A drawn picture and its name in the data set. */
export interface Example {
  id: string;
  picture: EncodedPicture;
}

const PICTURES = 4;
const SCORE = 0.3; // of what is drawn: lower than for use, so that one sees it grow
const SIDE_PX = 320; // small: they are written anew at every evaluation

/**
 * Some pictures of an evaluation, evenly out of the data set and always the same: what was found, over the ground truth in white dashes.
 *
 * @param detections one record for each entry, in their order
 */
export async function examplePictures(dataset: Dataset, detections: readonly ImageDetections[]): Promise<Example[]> {
  const { entries, classes } = dataset;
  const count = Math.min(PICTURES, entries.length);
  const chosen = Array.from({ length: count }, (_, i) => Math.floor((i * entries.length) / count));
  const drawn = await Promise.all(chosen.map((i) => exampleOf(entries[i]!, strong(detections[i]!), classes)));
  return drawn.filter((one) => one !== undefined);
}

/** Undefined for a picture that cannot be read any more. */
async function exampleOf(entry: DatasetEntry, found: ReturnType<typeof strong>, classes: readonly string[]): Promise<Example | undefined> {
  const image = await decodePicture(entry.imageFile).catch(() => undefined);
  if (!image) return undefined;
  const picture = await drawDetections(image, found, classes, { groundTruth: entry, minSidePx: SIDE_PX });
  return { id: entry.id, picture: { width: picture.width, height: picture.height, bytes: await encodePicture(picture, ".jpg") } };
}

function strong({ boxes, labels, scores }: ImageDetections) {
  const kept = Array.from(scores, (_, k) => k).filter((k) => scores[k]! >= SCORE);
  return {
    boxes: Float32Array.from(kept.flatMap((k) => [0, 1, 2, 3].map((side) => boxes[4 * k + side]!))),
    labels: Int32Array.from(kept, (k) => labels[k]!),
    scores: Float32Array.from(kept, (k) => scores[k]!),
  };
}

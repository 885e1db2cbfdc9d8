import { parse } from "node:path";
import type { Prediction } from "@singleshot/detection";

/** One picture in the result of `predict`. */
export interface PictureRecord {
  file: string;
  width: number;
  height: number;
  /** best first; boxes are x1, y1, x2, y2 in pixels */
  detections: { label: string; labelId: number; score: number; box: number[] }[];
}

export function pictureRecord(
  { file, picture, detections }: Prediction,
  classes: readonly string[],
  nameOf: (file: string) => string,
): PictureRecord {
  const { boxes, labels, scores } = detections;
  const found = Array.from(labels, (labelId, k) => ({
    label: classes[labelId - 1]!,
    labelId,
    score: rounded(scores[k]!, 6),
    box: Array.from(boxes.subarray(4 * k, 4 * k + 4), (value) => rounded(value, 3)),
  }));
  return { file: nameOf(file), width: picture.width, height: picture.height, detections: found };
}

/** A list of COCO results. A picture's id is the number that it is called, as in COCO's own sets, else its name. */
export function cocoResults(pictures: readonly PictureRecord[]) {
  return pictures.flatMap(({ file, detections }) =>
    detections.map(({ labelId, score, box: [x1, y1, x2, y2] }) => ({
      image_id: imageId(file),
      category_id: labelId,
      bbox: [x1!, y1!, rounded(x2! - x1!, 3), rounded(y2! - y1!, 3)],
      score,
    })),
  );
}

function imageId(file: string): number | string {
  const { name } = parse(file);
  return /^\d{1,15}$/.test(name) ? Number(name) : name;
}

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

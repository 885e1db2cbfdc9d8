import type { Detections } from "../sample.js";
import type { Size } from "../transforms/index.js";

/** A detection as JSON has it. */
export interface DetectionRecord {
  label: string;
  /** 1-based */
  labelId: number;
  score: number;
  /** x1, y1, x2, y2 in pixels of the picture */
  box: number[];
}

/** A picture and what was found in it, as JSON has them. */
export interface PictureRecord extends Size {
  file: string;
  /** best first */
  detections: DetectionRecord[];
}

export function detectionRecords({ boxes, labels, scores }: Detections, classes: readonly string[]): DetectionRecord[] {
  return Array.from(labels, (labelId, k) => ({
    label: classes[labelId - 1]!,
    labelId,
    score: rounded(scores[k]!, 6),
    box: Array.from(boxes.subarray(4 * k, 4 * k + 4), (value) => rounded(value, 3)),
  }));
}

export const pictureRecord = (file: string, { width, height }: Size, found: Detections, classes: readonly string[]): PictureRecord => ({
  file,
  width,
  height,
  detections: detectionRecords(found, classes),
});

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

/** Those with a score that is no lower. */
export function above({ boxes, labels, scores }: Detections, threshold: number): Detections {
  const below = scores.findIndex((score) => score < threshold);
  const count = below < 0 ? scores.length : below;
  return { boxes: boxes.slice(0, 4 * count), labels: labels.slice(0, count), scores: scores.slice(0, count) };
}

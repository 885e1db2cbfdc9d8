import { parse } from "node:path";
import type { PictureRecord } from "@singleshot/vision";

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

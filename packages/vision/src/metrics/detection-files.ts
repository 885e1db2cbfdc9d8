import { fileNames } from "../file-names.js";
import type { ImageDetections } from "./types.js";

/**
 * What was found, as pytorch-ssd's evaluation leaves it: for each class a file `det_test_CLASS.txt` with a line for each detection, in the
 * order of the pictures: name, score, x1, y1, x2, y2, tabs between them. Coordinates begin at 1, as in Matlab.
 *
 * @returns for each class, also one of which nothing was found, its file's name and text; letters that file names cannot have are replaced
 */
export function detectionFiles(detections: readonly ImageDetections[], classes: readonly string[]): { name: string; text: string }[] {
  const lines = classes.map((): string[] => []);
  for (const { image, boxes, labels, scores } of detections) {
    for (let i = 0; i < labels.length; i++) {
      const box = Array.from(boxes.subarray(4 * i, 4 * i + 4), (value) => Math.fround(value + 1));
      lines[labels[i]! - 1]!.push(`${[String(image).replace(/\p{Cc}/gu, " "), scores[i], ...box].join("\t")}\n`);
    }
  }
  const names = fileNames(classes);
  return lines.map((list, label) => ({ name: `det_test_${names[label]}.txt`, text: list.join("") }));
}

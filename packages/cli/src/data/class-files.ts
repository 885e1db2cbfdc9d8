import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "@singleshot/base/atomic-file";
import { detectionFiles, type ImageDetections } from "@singleshot/vision";

/** Writes pytorch-ssd's `det_test_CLASS.txt` of every class to a folder, which is made. */
export function writeClassFiles(folder: string, detections: readonly ImageDetections[], classes: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of detectionFiles(detections, classes)) writeFileAtomic(join(folder, name), text);
}

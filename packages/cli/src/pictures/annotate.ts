import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Prediction } from "@singleshot/detection";
import { InputError } from "@singleshot/vision";
import { drawDetections, writePicture } from "@singleshot/vision/node";
import { placeOf, targetNames } from "./targets.js";

/**
 * Draws detections into pictures and writes them to a folder.
 * @throws InputError where that would replace one of the pictures themselves
 */
export function annotator(out: string, files: readonly string[]): (prediction: Prediction, classes: readonly string[]) => Promise<void> {
  const sources = new Set(files.map(placeOf));
  const targets = new Map([...targetNames(files)].map(([file, { stem, ending }]) => [file, join(out, `${stem}${ending}`)]));
  const own = [...targets.values()].find((target) => sources.has(placeOf(target)));
  if (own) throw new InputError(`${own} is one of the pictures themselves`, { file: "--out", fix: "name another folder" });
  mkdirSync(out, { recursive: true });
  return async ({ file, picture, detections }, classes) =>
    writePicture(targets.get(file)!, await drawDetections(picture, detections, classes));
}

import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { join, parse, resolve } from "node:path";
import type { Prediction } from "@singleshot/detection";
import { InputError } from "@singleshot/vision";
import { drawDetections, writePicture } from "@singleshot/vision/node";

const WRITTEN = [".jpg", ".jpeg", ".png", ".webp"]; // others become .png

/**
 * Draws detections into pictures and writes them to a folder.
 * @throws InputError where that would replace one of the pictures themselves
 */
export function annotator(out: string, files: readonly string[]): (prediction: Prediction, classes: readonly string[]) => Promise<void> {
  const targets = targetsIn(out, files);
  mkdirSync(out, { recursive: true });
  return async ({ file, picture, detections }, classes) =>
    writePicture(targets.get(file)!, await drawDetections(picture, detections, classes));
}

/** Each file's own name, with a number where two have the same. */
function targetsIn(out: string, files: readonly string[]): Map<string, string> {
  const sources = new Set(files.map(placeOf));
  const taken = new Set<string>();
  return new Map(
    files.map((file) => {
      const { name, ext } = parse(file);
      const ending = WRITTEN.includes(ext.toLowerCase()) ? ext : ".png";
      let target = join(out, `${name}${ending}`);
      for (let number = 2; taken.has(target.toLowerCase()); number++) target = join(out, `${name}-${number}${ending}`);
      taken.add(target.toLowerCase());
      if (sources.has(placeOf(target)))
        throw new InputError(`${target} is one of the pictures themselves`, { file: "--out", fix: "name another folder" });
      return [file, target];
    }),
  );
}

/** Links followed. */
const placeOf = (file: string) => (existsSync(file) ? realpathSync(file) : resolve(file));

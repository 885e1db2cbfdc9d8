import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Prediction } from "@singleshot/detection";
import { fileNames, InputError, type Picture } from "@singleshot/vision";
import { writePicture } from "@singleshot/vision/node";
import { placeOf, targetNames } from "./targets.js";

/**
 * Cuts what is found out of the pictures and writes it to a folder: `CLASS/PICTURE-1.jpg`, best first.
 * @throws InputError where that might replace one of the pictures themselves
 */
export function cropper(out: string, files: readonly string[], classes: readonly string[]): (prediction: Prediction) => Promise<void> {
  const folders = fileNames(classes).map((name) => join(out, name));
  const names = targetNames(files);
  const sources = new Set(files.map((file) => dirname(placeOf(file))));
  const own = folders.find((folder) => sources.has(placeOf(folder)));
  if (own) throw new InputError(`pictures that are read lie in ${own}`, { file: "--crops", fix: "name another folder" });
  return async ({ file, picture, detections }) => {
    const { stem, ending } = names.get(file)!;
    const crops = Array.from(detections.labels, (label, k) => ({
      crop: cut(picture, detections.boxes.subarray(4 * k, 4 * k + 4)),
      folder: folders[label - 1]!,
      name: `${stem}-${k + 1}${ending}`,
    }));
    const writable = crops.filter(({ crop }) => crop.width > 0 && crop.height > 0);
    for (const { folder } of writable) mkdirSync(folder, { recursive: true });
    await Promise.all(writable.map(({ crop, folder, name }) => writePicture(join(folder, name), crop)));
  };
}

/** The pixels that a box touches, as far as it lies in the picture. */
function cut({ data, width, height }: Picture, box: Float32Array): Picture {
  const [x1, y1, x2, y2] = box as unknown as [number, number, number, number];
  const [left, top] = [Math.max(0, Math.floor(x1)), Math.max(0, Math.floor(y1))];
  const size = { width: Math.max(0, Math.min(width, Math.ceil(x2)) - left), height: Math.max(0, Math.min(height, Math.ceil(y2)) - top) };
  const crop = new Uint8Array(3 * size.width * size.height);
  for (let y = 0; y < size.height; y++) {
    const from = 3 * (width * (top + y) + left);
    crop.set(data.subarray(from, from + 3 * size.width), 3 * size.width * y);
  }
  return { data: crop, ...size };
}

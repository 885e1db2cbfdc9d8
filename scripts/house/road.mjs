import { isTest } from "./files.mjs";

/** The files that one photo passes on its way from disk to loss, in the order of reading. */
export const ROAD = [
  "packages/vision/src/datasets/voc/read.ts",
  "packages/vision/src/transforms/presets.ts",
  "packages/detection/src/loader/loader.ts",
  "packages/detection/src/training/trainer.ts",
  "packages/detection/src/detectors/detector.ts",
  "packages/detection/src/backbones/mobilenet-v3.ts",
  "packages/detection/src/detectors/ssdlite.ts",
  "packages/detection/src/losses/detection-loss.ts",
];

export const lines = (text) => text.split("\n").length - 1;

/** Folder → `{ files, code, tests }` in lines, for every folder that holds sources. */
export function folderLengths(sources) {
  const folders = new Map();
  for (const [path, text] of sources) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    const row = folders.get(folder) ?? { files: 0, code: 0, tests: 0 };
    row[isTest(path) ? "tests" : "code"] += lines(text);
    row.files += isTest(path) ? 0 : 1;
    folders.set(folder, row);
  }
  return folders;
}

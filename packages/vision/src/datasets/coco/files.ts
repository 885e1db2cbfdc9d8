import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { basename, join } from "node:path";
import { type PartPlace, sourceOf } from "../parts.js";
import { foldersIn, isFile, isFolder } from "../places.js";

const ROBOFLOW = "_annotations.coco.json";

/** Annotation files of people's outlines and captions lie beside those of boxes. */
const OTHER_TASKS = /^(captions|person_keypoints|stuff|panoptic|image_info)_/;

/**
 * The annotation files of a folder, in any of the usual layouts: `annotations/instances_<split>.json` with the pictures in `<split>/`,
 * `images/<split>/` or `images/`; Roboflow's `<split>/_annotations.coco.json` beside the pictures; a file at the top.
 */
export function cocoParts(root: string): PartPlace[] {
  const part = (path: string, split: string): PartPlace => {
    const folders = [split, `images/${split}`, split.replace(/\d{4}$/, ""), `images/${split.replace(/\d{4}$/, "")}`, "images", "."];
    return { annotations: path, source: sourceOf(root, path), split, folders: folders.map((folder) => join(root, folder)) };
  };
  const inFolder = annotationFiles(join(root, "annotations")).map((path) => part(path, splitOf(path)));
  if (inFolder.length > 0) return inFolder;
  const beside = foldersIn(root).filter((name) => isFile(join(root, name, ROBOFLOW)));
  if (beside.length > 0) return beside.map((name) => part(join(root, name, ROBOFLOW), name));
  return annotationFiles(root).map((path) => part(path, splitOf(path)));
}

const splitOf = (path: string) => {
  return basename(path, ".json")
    .replace(/^_?(instances|annotations)[_.]?/, "")
    .replace(/^coco$/, "");
};

function annotationFiles(folder: string): string[] {
  if (!isFolder(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".json") && !OTHER_TASKS.test(name));
  const instances = names.filter((name) => name.startsWith("instances_"));
  const candidates = (instances.length > 0 ? instances : names).map((name) => join(folder, name)).sort();
  return candidates.filter((path) => isFile(path) && looksLikeCoco(path));
}

/** COCO's lists have names that no other JSON file has together; they need not stand at its beginning. */
function looksLikeCoco(path: string): boolean {
  const head = edges(path);
  return path.includes("instances_") || /"(images|annotations|categories)"\s*:\s*\[/.test(head);
}

function edges(path: string): string {
  const [size, file] = [65536, openSync(path, "r")];
  try {
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readSync(file, bytes, 0, size, 0)).toString("latin1");
  } finally {
    closeSync(file);
  }
}

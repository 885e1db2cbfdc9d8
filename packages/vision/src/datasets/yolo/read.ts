import { dirname, extname, join, resolve, sep } from "node:path";
import { nameOf, type ReadOptions } from "../header.js";
import { mergeRaw } from "../merge.js";
import { sourceOf } from "../parts.js";
import { idsOf, isPictureName, picturesIn, withoutExtension } from "../picture-finder.js";
import { filesIn, insideOf, isFile, isFolder, isSafeName } from "../places.js";
import { findSplit, noSuchSplit } from "../splits.js";
import { faultOf, linesOf, readText, required } from "../text-file.js";
import type { Fault, RawDataset, RawImage } from "../types.js";
import { readYoloConfig } from "./config.js";
import { readLabels } from "./labels.js";

/**
 * A data set in the layout of YOLO before any rule: `data.yaml`, pictures in `images/<split>/` or `<split>/images/`, a text file of the
 * same name in `labels` instead of `images` for each, or beside it. A picture without a text file is background.
 *
 * @throws InputError when `data.yaml` is broken or there is no such split
 */
export function readRawYolo(root: string, options: ReadOptions = {}): RawDataset {
  const { split, images } = options;
  const { names, splits } = readYoloConfig(root, options);
  const usual = ["images", "."].find((place) => isFolder(join(root, place)))!;
  const all = images !== undefined ? new Map([["", [images]]]) : splits.size > 0 ? splits : new Map([["", [usual]]]);
  const name = split === undefined ? undefined : findSplit([...all.keys()], split);
  if (split !== undefined && name === undefined) throw noSuchSplit(root, split, [...splits.keys()]);
  const chosen = [...all].filter(([key]) => name === undefined || key === name);
  const parts = chosen.map(([prefix, places]) => ({ raw: readPart(root, places, { names, ...options }), prefix }));
  const classes = options.classes ?? [...new Set(names.values())];
  return { ...mergeRaw(nameOf(root), parts), classes: [...classes], ...(name !== undefined && { split: name }) };
}

type PartOptions = ReadOptions & { names: ReadonlyMap<number, string> };

function readPart(root: string, places: readonly string[], options: PartOptions): RawDataset {
  const labelsAreInside = insideOf(options.annotations ?? root);
  const pictures = places.flatMap((place) => picturesAt(resolve(root, place), root));
  const ids = idsOf(pictures.map(({ id }) => id));
  const images = pictures.map(({ path, fault, list }, i): RawImage => {
    const id = ids[i]!;
    const labels = labelFile(root, path, options);
    const image = { id, source: list ?? sourceOf(root, isFile(labels) ? labels : path), relative: true };
    if (isFile(labels) && !labelsAreInside(labels)) return { ...image, objects: [], fault: outside(image.source) };
    const { objects, fault: broken } = objectsOf(labels, options.names);
    const problem = fault ?? broken;
    return { ...image, objects, ...(problem ? { fault: problem } : { imageFile: path }) };
  });
  return { name: "", classes: [], images };
}

const outside = (name: string): Fault => ({ kind: "unsafe-path", message: `${name} is a link to a place outside the data set's folder` });

function objectsOf(file: string, names: ReadonlyMap<number, string>): Pick<RawImage, "objects" | "fault"> {
  if (!isFile(file)) return { objects: [] };
  try {
    return { objects: readLabels(file, names) };
  } catch (error) {
    return { objects: [], fault: faultOf(error as Error) };
  }
}

interface PlacedPicture {
  id: string;
  path: string;
  fault?: Fault;
  /** the list that names it, where it cannot be used */
  list?: string;
}

/** The pictures of a folder or of a list, and those that are not there though they have labels or are listed. */
function picturesAt(place: string, root: string): PlacedPicture[] {
  if (isFolder(place)) {
    const isInside = insideOf(place);
    const there = picturesIn(place).map((id): PlacedPicture => {
      const path = join(place, id);
      return { id, path, ...(isFile(path) && !isInside(path) && { fault: outside(id) }) };
    });
    return [...there, ...missingPictures(place, root, new Set(there.map(({ id }) => withoutExtension(id))))];
  }
  return linesOf(required(place, () => readText(place))).map(({ text, line }) => {
    const written = text.replaceAll("\\", "/");
    const name = isSafeName(written) ? written : undefined;
    const names = [name ?? "", (name ?? "").replace(/^data\//, "")]; // CVAT puts a folder before them that its archive does not have
    const path = names.flatMap((one) => [dirname(place), root].map((base) => join(base, one))).find(isFile) ?? join(root, name ?? "");
    const fault = listedFault(text, name === undefined ? undefined : path, root);
    return {
      id: (name ?? text).replace(/^(.*?images|(data\/)?obj_\w+_data|data|\.)\//, ""),
      path,
      ...(fault && { fault: { ...fault, line }, list: sourceOf(root, place) }),
    };
  });
}

function listedFault(text: string, path: string | undefined, root: string): Fault | undefined {
  if (path === undefined)
    return { kind: "unsafe-path", message: `the file name ${JSON.stringify(text)} would lead out of the data set's folder` };
  if (!isPictureName(path) || !isFile(path)) return { kind: "missing-picture", message: `there is no picture ${text}` };
  return insideOf(root)(path) ? undefined : outside(text);
}

function missingPictures(folder: string, root: string, there: ReadonlySet<string>): PlacedPicture[] {
  const labels = dirname(labelFile(root, join(folder, "x.jpg"), {}));
  if (!isFolder(labels) || labels === folder) return [];
  const ids = filesIn(labels)
    .filter((name) => extname(name) === ".txt" && name !== "classes.txt")
    .map((name) => name.slice(0, -4).replaceAll("\\", "/"));
  const missing = ids.filter((id) => !there.has(id)).sort();
  return missing.map((id) => {
    return {
      id,
      path: join(folder, `${id}.jpg`),
      fault: { kind: "missing-picture", message: `there is no picture ${id} beside its labels` },
    };
  });
}

/** `images/train/a.jpg` → `labels/train/a.txt`; where no folder is called images, beside the picture. */
function labelFile(root: string, picture: string, { annotations, images }: Pick<ReadOptions, "annotations" | "images">): string {
  const text = `${withoutExtension(picture)}.txt`;
  if (annotations !== undefined) return join(annotations, text.slice(resolve(images ?? root).length + 1));
  const below = text.slice(resolve(root).length + 1).split(sep);
  const at = below.slice(0, -1).lastIndexOf("images");
  if (at < 0) return text;
  return join(resolve(root), ...below.slice(0, at), "labels", ...below.slice(at + 1));
}

import { readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { InputError } from "@singleshot/base";
import { cocoParts, readRawCoco, writeCoco } from "./coco/index.js";
import { classFolders, folderSplits, readRawFolder, writeFolder } from "./folder/index.js";
import { type FormatName, formatNames } from "./format-names.js";
import type { ReadOptions } from "./header.js";
import { listParts, readRawList, writeList } from "./list/index.js";
import { openImagesParts, readRawOpenImages, writeOpenImages } from "./openimages/index.js";
import { foldersIn, isFile, isFolder, requireFolder } from "./places.js";
import type { RawDataset } from "./types.js";
import { besideFolders, isVocFolder, readRawVoc, splitsOfYears, vocYears, writeVoc } from "./voc/index.js";
import type { DatasetWriter } from "./writing/index.js";
import { isYoloFolder, readRawYolo, readYoloConfig, writeYolo } from "./yolo/index.js";

/** How one kind of data set is recognised and read. */
export interface Format {
  name: FormatName;
  /** for people */
  title: string;
  /** what it is recognised by: "it has no …" */
  sign: string;
  isIn(root: string): boolean;
  splits(root: string): string[];
  read(root: string, options: ReadOptions): RawDataset | Promise<RawDataset>;
  write: DatasetWriter;
}

/** In the order in which they are tried: what comes first leaves the clearest marks. */
export const FORMATS: readonly Format[] = [
  {
    name: "voc",
    title: "Pascal VOC",
    sign: "folder Annotations",
    isIn: (root) => isVocFolder(root) || vocYears(root).length > 0 || besideFolders(root).length > 0,
    splits: splitsOfYears,
    read: readRawVoc,
    write: writeVoc,
  },
  {
    name: "coco",
    title: "COCO",
    sign: "file annotations/instances_….json",
    isIn: (root) => cocoParts(root).length > 0,
    splits: (root) => cocoParts(root).flatMap(({ split }) => split || []),
    read: readRawCoco,
    write: writeCoco,
  },
  {
    name: "openimages",
    title: "Open Images",
    sign: "file …-annotations-bbox.csv",
    isIn: (root) => openImagesParts(root).length > 0,
    splits: (root) => openImagesParts(root).map(({ split }) => split),
    read: readRawOpenImages,
    write: writeOpenImages,
  },
  {
    name: "yolo",
    title: "YOLO",
    sign: "data.yaml or folders images and labels",
    isIn: isYoloFolder,
    splits: (root) => [...readYoloConfig(root, { classes: [] }).splits.keys()],
    read: readRawYolo,
    write: writeYolo,
  },
  {
    name: "list",
    title: "a list file",
    sign: "text file of lines `name.jpg y1 x1 y2 x2 class …`",
    isIn: (root) => listParts(root).length > 0,
    splits: (root) => listParts(root).map(({ split }) => split),
    read: readRawList,
    write: writeList,
  },
  {
    name: "folder",
    title: "a folder for each class",
    sign: "folder of pictures for each class",
    isIn: (root) => folderSplits(root).length > 0 || classFolders(root).length > 1,
    splits: folderSplits,
    read: readRawFolder,
    write: writeFolder,
  },
];

export const formatCalled = (name: FormatName): Format => FORMATS.find((format) => format.name === name)!;

/**
 * The format of the data set in a folder.
 *
 * @param as how the user named the folder, for messages: `--data`
 * @throws InputError when there is no such folder, or nothing in it is recognised
 */
export function recognizeFormat(root: string, as?: string): Format {
  requireFolder(root, as);
  const format = FORMATS.find(({ isIn }) => isIn(root));
  if (format) return format;
  const inner = foldersIn(root).filter((name) => FORMATS.some(({ isIn }) => isIn(join(root, name))));
  const fix =
    inner.length > 0
      ? `did you mean ${inner.map((name) => join(root, name)).join(" or ")}?`
      : `name a folder that has one of these in it: ${FORMATS.map(({ sign }) => sign).join("; ")}`;
  throw new InputError(`${root} holds no data set that is recognised`, { ...(as !== undefined && { file: as }), fix });
}

/** @throws InputError when the folder is not laid out in the format that the user named */
export function requireFormat(root: string, format: Format, as?: string): Format {
  if (format.isIn(root)) return format;
  const others = FORMATS.filter(({ isIn }) => isIn(root));
  const inner = foldersIn(root).filter((name) => format.isIn(join(root, name)));
  const fix =
    others.length > 0
      ? `it looks like ${others[0]!.title}: --dataset ${others[0]!.name}`
      : inner.length > 0
        ? `did you mean ${inner.map((name) => join(root, name)).join(" or ")}?`
        : "`--dataset auto` recognises the others";
  throw new InputError(`${root} is not laid out like ${format.title}: it has no ${format.sign}`, {
    ...(as !== undefined && { file: as }),
    fix,
  });
}

/** The format of an annotation file, or of a folder of such, that the user named. @throws InputError when it cannot be told */
export function formatOfAnnotations(path: string): Format {
  const ending = isFile(path) ? extname(path) : isFolder(path) ? endingIn(path) : undefined;
  if (ending === undefined) throw new InputError("no such file or folder", { file: path });
  const name = isFile(path) ? BY_FILE.get(ending) : BY_FOLDER.get(ending);
  if (name) return formatCalled(name);
  throw new InputError("the format of the annotations is not recognised", {
    file: path,
    fix: `name it: --dataset ${formatNames.join("|")}`,
  });
}

const BY_FILE = new Map<string, FormatName>([
  [".json", "coco"],
  [".csv", "openimages"],
  [".txt", "list"],
]);
const BY_FOLDER = new Map<string, FormatName>([
  [".xml", "voc"],
  [".txt", "yolo"],
]);

const endingIn = (folder: string) =>
  readdirSync(folder)
    .map((name) => extname(name))
    .find((ending) => BY_FOLDER.has(ending)) ?? "";

import { join } from "node:path";
import { checkDataset } from "../check.js";
import { classesFrom } from "../class-list.js";
import { nameOf, type ReadOptions, readListedClasses } from "../header.js";
import { mergeRaw } from "../merge.js";
import { pictureFinder } from "../picture-finder.js";
import { noSuchSplit } from "../splits.js";
import type { Dataset, RawDataset } from "../types.js";
import { unusedPictures } from "../unused-pictures.js";
import { annotationReader } from "./annotation.js";
import { besideFolders, besideSplits, readBeside } from "./beside.js";
import { allIds, isVocFolder, requireVocFolder, splitIds, type VocPlaces, vocSplits, vocYears } from "./folder.js";

/**
 * Reads a data set in the layout of Pascal VOC: `Annotations/<id>.xml`, `JPEGImages/<id>.<jpg, png, ...>`, `ImageSets/Main/<split>.txt`
 * and, if there is one, `labels.txt`. Every defect is named in `problems`; what cannot be used is left out. Nothing is written.
 *
 * Coordinates are taken as they are written, as torchvision does: today's tools (labelImg, CVAT, Roboflow) write edges in pixels from 0,
 * and no box of theirs loses its last pixel. Only the original VOC pictures count pixels from 1; there the boxes lie one pixel too far
 * right and down, or exactly with `pixelsFrom: 1`, as pytorch-ssd and GluonCV read.
 *
 * @throws InputError when the folder or the split does not exist: with the likeliest name
 */
export async function readVoc(root: string, options: ReadOptions = {}): Promise<Dataset> {
  requireVocFolder(root, options.as);
  return checkDataset(readVocYear(root, options));
}

/** The same before any rule; and a folder of several years (`VOC2007`, `VOC2012`) as one data set. */
export function readRawVoc(root: string, options: ReadOptions = {}): RawDataset {
  const years = options.annotations || isVocFolder(root) ? [] : vocYears(root);
  if (!options.annotations && !isVocFolder(root) && years.length === 0 && besideFolders(root).length > 0) {
    const { split: _, labels: __, ...rest } = options;
    return readBeside(root, options, (folder) => readVocYear(folder, { ...rest, annotations: folder, images: folder, label: "" }));
  }
  if (years.length === 0) {
    if (!options.annotations) requireVocFolder(root, options.as);
    return readVocYear(root, options);
  }
  const { split, classes = readListedClasses(root, options), ...rest } = options;
  const [, year, name] = /^([^/]+)\/(.+)$/.exec(split ?? "") ?? [undefined, undefined, split];
  const holders = years.filter((one) => (year ?? one) === one && (name === undefined || vocSplits(join(root, one)).includes(name)));
  if (holders.length === 0) throw noSuchSplit(root, split ?? "", splitsOfYears(root));
  const read = (one: string) => {
    return readVocYear(join(root, one), { ...rest, ...(name !== undefined && { split: name }), ...(classes && { classes }) });
  };
  const merged = mergeRaw(
    nameOf(root),
    holders.map((one) => ({ raw: read(one), prefix: one, folder: one })),
  );
  return { ...merged, ...(split !== undefined && { split }) };
}

/** The splits of a folder; of several years each name once, and with its year (`VOC2007/test`) where not all years have it. */
export function splitsOfYears(root: string): string[] {
  if (isVocFolder(root)) return vocSplits(root);
  if (vocYears(root).length === 0) return besideSplits(root);
  const perYear = vocYears(root).map((year) => ({ year, splits: vocSplits(join(root, year)) }));
  const names = [...new Set(perYear.flatMap(({ splits }) => splits))].sort();
  const partial = names.filter((name) => !perYear.every(({ splits }) => splits.includes(name)));
  return [
    ...names,
    ...perYear.flatMap(({ year, splits }) => splits.filter((name) => partial.includes(name)).map((name) => `${year}/${name}`)),
  ];
}

/** @param label what messages put before the name of an annotation: its folder and / */
function readVocYear(
  root: string,
  { split, pixelsFrom = 0, label = "Annotations/", ...options }: ReadOptions & { label?: string },
): RawDataset {
  const { annotations = join(root, "Annotations"), images: pictures = join(root, "JPEGImages"), classes } = options;
  const places: VocPlaces = { root, annotations, label };
  const read = annotationReader(places, { top: options.annotations ?? root, findPicture: pictureFinder(pictures), pixelsFrom });
  const { listed, problems } = split === undefined ? { listed: allIds(places), problems: [] } : splitIds(places, split);
  const images = listed.map(read);
  return {
    name: nameOf(root),
    ...(split !== undefined && { split }),
    classes: [...(classes ?? readListedClasses(root, options) ?? classesOfAll())],
    images,
    problems: [...problems, ...(split === undefined ? unusedPictures(pictures, images, "has no annotation") : [])],
  };

  function classesOfAll(): string[] {
    const all = split === undefined ? images : allIds(places).map(read);
    return classesFrom(all.flatMap(({ objects }) => objects.map(({ name }) => name)));
  }
}

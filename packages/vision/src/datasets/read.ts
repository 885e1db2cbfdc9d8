import { dirname } from "node:path";
import { numberedById } from "./category-ids.js";
import { checkDataset } from "./check.js";
import type { FormatName } from "./format-names.js";
import { type Format, formatCalled, formatOfAnnotations, recognizeFormat, requireFormat } from "./formats.js";
import { nameOf, type ReadOptions } from "./header.js";
import { mergeRaw } from "./merge.js";
import { requireFolder } from "./places.js";
import { findSplit, noSuchSplit } from "./splits.js";
import type { Dataset, DatasetProblem, RawDataset } from "./types.js";

export interface ReadDatasetOptions extends ReadOptions {
  /** recognised from the folder when left out */
  format?: FormatName;
}

/** Where a data set lies and what it is. */
export interface DataPlace {
  root: string;
  format: Format;
}

/**
 * Reads a data set of any format, or several as one with classes matched by name. Every defect is named in `problems`; what cannot be
 * used is left out. Nothing is written.
 *
 * @param roots folders; an empty list where `annotations` names the file
 * @throws InputError when a folder or split does not exist, no format is recognised, or an annotation file is broken as a whole
 */
export async function readDataset(roots: string | readonly string[], options: ReadDatasetOptions = {}): Promise<Dataset> {
  return checkDataset(await readRawDataset(roots, options));
}

/** The same before any rule, as the files have it. */
export async function readRawDataset(roots: string | readonly string[], options: ReadDatasetOptions = {}): Promise<RawDataset> {
  const raw = await readPlaces(roots, options);
  const { categoryIds, classes, labels } = options;
  return categoryIds && classes === undefined && labels === undefined ? numberedById(raw, categoryIds) : raw;
}

async function readPlaces(roots: string | readonly string[], options: ReadDatasetOptions): Promise<RawDataset> {
  const places = dataPlaces(roots, options);
  const { split } = options;
  const chosen = places.length === 1 || split === undefined ? places : placesWith(places, split);
  const raws: RawDataset[] = [];
  for (const place of chosen)
    raws.push(await readPlace(place, places.length > 1 && splitsOf(place).length === 0 ? withoutSplit(options) : options));
  if (raws.length === 1) return raws[0]!;
  const names = chosen.map(({ root }) => root);
  const merged = mergeRaw(
    raws.map(({ name }) => name).join("+"),
    raws.map((raw, i) => ({ raw, prefix: distinctName(names, i), folder: distinctName(names, i) })),
  );
  const problems = [...merged.problems!, ...places.filter((place) => !chosen.includes(place)).map((place) => lacksSplit(place, split!))];
  return { ...merged, problems, ...(split !== undefined && { split }), ...(options.classes && { classes: [...options.classes] }) };
}

/** What lies in each folder. @throws InputError when a folder does not exist or holds nothing that is recognised */
export function dataPlaces(roots: string | readonly string[], { format, annotations, as }: ReadDatasetOptions = {}): DataPlace[] {
  if (annotations !== undefined)
    return [{ root: dirname(annotations), format: format ? formatCalled(format) : formatOfAnnotations(annotations) }];
  return [roots].flat().map((root) => {
    if (format === undefined) return { root, format: recognizeFormat(root, as) };
    requireFolder(root, as);
    return { root, format: requireFormat(root, formatCalled(format), as) };
  });
}

/** The names of the splits that one of the folders has. */
export const splitsOfPlaces = (places: readonly DataPlace[]): string[] => [...new Set(places.flatMap(splitsOf))];

const splitsOf = ({ root, format }: DataPlace) => format.splits(root);

/** Of several data sets those that have the split; one that has no splits at all is for training. */
function placesWith(places: readonly DataPlace[], split: string): DataPlace[] {
  const holders = places.filter((place) => {
    const splits = splitsOf(place);
    return splits.length === 0 ? /^train/.test(split) : findSplit(splits, split) !== undefined;
  });
  if (holders.length > 0) return holders;
  throw noSuchSplit(places.map(({ root }) => root).join(", "), split, splitsOfPlaces(places));
}

function lacksSplit({ root }: DataPlace, split: string): DatasetProblem {
  return { file: nameOf(root), kind: "no-split", action: "note", message: `it has no split ${split}: of this data set nothing is taken` };
}

async function readPlace({ root, format }: DataPlace, options: ReadDatasetOptions): Promise<RawDataset> {
  const { split } = options;
  const isUnion = split?.includes("+") && !format.splits(root).includes(split);
  if (!isUnion) return format.read(root, options);
  const raws: RawDataset[] = [];
  for (const part of split!.split("+")) raws.push(await format.read(root, { ...options, split: part }));
  return {
    ...mergeRaw(
      nameOf(root),
      raws.map((raw) => ({ raw, prefix: raw.split ?? "" })),
    ),
    split: split!,
  };
}

function withoutSplit({ split: _, ...options }: ReadDatasetOptions): ReadDatasetOptions {
  return options;
}

/** The folder's own name; a number behind it where two folders are called the same. */
function distinctName(roots: readonly string[], index: number): string {
  const names = roots.map(nameOf);
  const isShared = names.indexOf(names[index]!) !== names.lastIndexOf(names[index]!);
  return isShared ? `${names[index]}-${index + 1}` : names[index]!;
}

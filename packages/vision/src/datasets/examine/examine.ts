import { relative } from "node:path";
import { checkDataset } from "../check.js";
import type { FormatName } from "../format-names.js";
import { dataPlaces, type ReadDatasetOptions, readRawDataset, splitsOfPlaces } from "../read.js";
import type { Dataset, DatasetProblem, RawDataset } from "../types.js";
import { duplicatePictures, type SplitFiles } from "./duplicates.js";

/** All that is to be said of a data set. */
export interface Examination extends Dataset {
  formats: FormatName[];
  splits: { name: string; images: number }[];
}

/** So few, in a set of so many boxes, are rather a slip of the pen than a class. */
const [RARE_PICTURES, MANY_BOXES] = [2, 1000];

/**
 * Reads a data set, all of it or one split, and looks for what no single picture shows: pictures that occur twice or in two splits,
 * classes that occur once in thousands. Nothing is written.
 *
 * @throws InputError when it cannot be read at all
 */
export async function examineDataset(roots: string | readonly string[], options: ReadDatasetOptions = {}): Promise<Examination> {
  const places = dataPlaces(roots, options);
  const raw = await readRawDataset(roots, options);
  const dataset = await checkDataset(raw);
  const names =
    options.annotations === undefined && options.split === undefined ? splitsOfPlaces(places).filter((name) => !name.includes("/")) : [];
  const splits: SplitFiles[] = [];
  for (const name of names) splits.push({ name, files: filesOf(await readRawDataset(roots, { ...options, split: name })) });
  const root = places[0]!.root;
  const duplicates = await duplicatePictures(splits.length > 0 ? splits : [{ name: "", files: filesOf(raw) }]);
  return {
    ...dataset,
    problems: [...dataset.problems, ...duplicates.map((one) => duplicateProblem(one, root)), ...rareClasses(dataset)],
    formats: [...new Set(places.map(({ format }) => format.name))],
    splits: splits.map(({ name, files }) => ({ name, images: files.length })),
  };
}

const filesOf = ({ images }: RawDataset) => images.flatMap(({ imageFile, fault }) => (imageFile === undefined || fault ? [] : imageFile));

function duplicateProblem(
  { file, split, first, firstSplit }: Awaited<ReturnType<typeof duplicatePictures>>[number],
  root: string,
): DatasetProblem {
  const [name, other] = [relative(root, file), relative(root, first)];
  const isSameFile = file === first;
  const twin = isSameFile ? "" : ` is the same picture as ${other}`;
  if (split === firstSplit) return { file: name, kind: "duplicate-picture", action: "note", message: `${name}${twin}` };
  const message = isSameFile ? `${name} is in ${firstSplit} and in ${split}` : `${name}, in ${split},${twin}, in ${firstSplit}`;
  return { file: name, kind: "split-overlap", action: "note", message: `${message}: what was trained on proves nothing` };
}

function rareClasses({ name, classes, entries, counts }: Dataset): DatasetProblem[] {
  if (counts.boxes.found < MANY_BOXES) return [];
  const pictures = new Array<number>(classes.length).fill(0);
  for (const { labels } of entries) for (const label of new Set(labels)) pictures[label - 1]!++;
  return classes.flatMap((className, i) => {
    const number = pictures[i]!;
    if (number === 0 || number > RARE_PICTURES) return [];
    const message = `class ${className} occurs in ${number === 1 ? "one picture" : `${number} pictures`} only: if it is a slip, list the right classes in labels.txt`;
    return [{ file: name, kind: "rare-class", action: "note" as const, message }];
  });
}

import { dirname } from "node:path";
import { type ReadOptions, readListedClasses } from "../header.js";
import { type PartPlace, readParts } from "../parts.js";
import { idsOf, namedPictureFinder } from "../picture-finder.js";
import { decimal, type Line, linesOf, readText, required } from "../text-file.js";
import type { Fault, RawDataset, RawImage, RawObject } from "../types.js";
import { listParts } from "./files.js";
import { parseLine } from "./line.js";

const GROUP = 5; // y1 x1 y2 x2 class

/**
 * List files as the tutorial "RetinaNet from scratch" has them, before any rule: a picture a line, `name y1 x1 y2 x2 class y1 …`, classes
 * counted from 1. A name alone, and `name 0 0 0 0 0`, are background. The names of the classes stand in `labels.txt`; without it the
 * numbers are their names.
 *
 * @throws InputError when there is no such split
 */
export async function readRawList(root: string, options: ReadOptions = {}): Promise<RawDataset> {
  const parts = options.annotations === undefined ? listParts(root) : [];
  const folder = options.annotations === undefined ? root : dirname(options.annotations);
  const names =
    readListedClasses(folder, options) ??
    numbersAsNames(options.annotations ? [options.annotations] : parts.map(({ annotations }) => annotations));
  const raw = await readParts(root, options, parts, (part) => readPart(part, names));
  return { ...raw, classes: [...(options.classes ?? names)] };
}

/** `1` to the largest number of all lists. */
function numbersAsNames(files: readonly string[]): string[] {
  const largest = files.reduce((most, file) => {
    const lines = linesOf(required(file, () => readText(file)));
    return lines.reduce(
      (most, { text }) =>
        parseLine(text).fields.reduce((most, field, i) => (i % GROUP === 4 ? Math.max(most, numberOf(field)) : most), most),
      most,
    );
  }, 0);
  return Array.from({ length: largest }, (_, i) => String(i + 1));
}

/** No data set has more classes: a number beyond is a mistake. */
const MAX_CLASSES = 100_000;

function numberOf(field: string): number {
  const number = /^\d+$/.test(field) ? Number(field) : 0;
  return number <= MAX_CLASSES ? number : 0;
}

function readPart({ annotations, source, folders, split }: PartPlace, names: readonly string[]): RawDataset {
  const lines = linesOf(required(annotations, () => readText(annotations)));
  const parsed = lines.map((line) => ({ ...line, ...parseLine(line.text) }));
  const ids = idsOf(parsed.map(({ name }) => name));
  const find = namedPictureFinder(folders);
  const images = parsed.map(({ name, fields, line }, i): RawImage => {
    const picture = find(name);
    return {
      id: ids[i]!,
      source,
      ...(typeof picture === "string" ? { imageFile: picture } : { fault: { ...picture, line } }),
      objects: objectsOf(fields, line, names),
    };
  });
  return { name: split, classes: [...names], images };
}

function objectsOf(fields: readonly string[], line: Line["line"], names: readonly string[]): RawObject[] {
  if (fields.length === GROUP && fields.every((field) => decimal(field) === 0)) return [];
  const groups = Array.from({ length: Math.ceil(fields.length / GROUP) }, (_, i) => fields.slice(GROUP * i, GROUP * (i + 1)));
  return groups.map((group, i) => {
    const [y1 = Number.NaN, x1 = Number.NaN, y2 = Number.NaN, x2 = Number.NaN] = group.slice(0, 4).map(decimal);
    const number = group[4] ?? "";
    const name = /^\d+$/.test(number) ? names[Number(number) - 1] : undefined;
    const fault = faultOfGroup(group, name, names);
    return { name: name ?? "", box: [x1, y1, x2, y2], flags: 0, line, annotation: i + 1, ...(fault && { fault }) };
  });
}

function faultOfGroup(group: readonly string[], name: string | undefined, names: readonly string[]): Fault | undefined {
  const text = group.join(" ");
  if (group.length < GROUP) return { kind: "no-box", message: `${text} is not y1 x1 y2 x2 class` };
  const wrong = group.slice(0, 4).find((field) => Number.isNaN(decimal(field)));
  if (wrong !== undefined) return { kind: "not-a-number", message: `${JSON.stringify(wrong)} in ${text} is not a number` };
  return name === undefined
    ? { kind: "unknown-class", message: `class ${group[4]} of ${text} is not among the classes 1 to ${names.length}` }
    : undefined;
}

import { dirname } from "node:path";
import { InputError } from "@singleshot/base";
import { CROWD } from "../../sample.js";
import { classesFrom, className } from "../class-list.js";
import { readCsv } from "../csv-file.js";
import { type ReadOptions, readListedClasses } from "../header.js";
import { type PartPlace, readParts } from "../parts.js";
import { namedPictureFinder } from "../picture-finder.js";
import { decimal } from "../text-file.js";
import type { Fault, RawDataset, RawImage, RawObject } from "../types.js";
import { classDescriptions, openImagesParts } from "./files.js";

const SIDES = ["XMin", "YMin", "XMax", "YMax"] as const;

/**
 * Open Images' annotations before any rule: fractions of the picture, the class as `ClassName` or as `LabelName` with a file of
 * descriptions beside it. Boxes around a group are flagged as crowds, unless they are to be objects. The classes are those of all splits together, so that training and
 * testing number them alike: those of `labels.txt`, else in the order of the alphabet. Pictures come in the order of their ids.
 *
 * @throws InputError when a file is not such a file or there is no such split
 */
export async function readRawOpenImages(root: string, options: ReadOptions = {}): Promise<RawDataset> {
  const parts = options.annotations === undefined ? openImagesParts(root) : [];
  const descriptions = await classDescriptions(options.annotations === undefined ? root : dirname(options.annotations));
  const { groups = "crowds" } = options;
  const raw = await readParts(root, options, parts, (part) => readPart(part, { descriptions, groups }));
  const listed = options.classes ?? readListedClasses(root, options);
  if (listed) return { ...raw, classes: [...listed] };
  const others = options.split === undefined ? [] : parts.filter(({ split }) => split !== raw.split);
  const names = new Set(raw.classes);
  for (const { annotations } of others) await readRows(annotations, (row) => names.add(classOf(row, descriptions)));
  return { ...raw, classes: classesFrom(names) };
}

interface Understanding extends Required<Pick<ReadOptions, "groups">> {
  descriptions: ReadonlyMap<string, string>;
}

async function readPart({ annotations, source, folders, split }: PartPlace, understanding: Understanding): Promise<RawDataset> {
  const objects = new Map<string, RawObject[]>();
  await readRows(annotations, (row, line) => {
    const id = row.get("ImageID") ?? "";
    const group = objects.get(id);
    const object = objectOf(row, line, understanding);
    if (group) group.push(object);
    else objects.set(id, [object]);
  });
  const find = namedPictureFinder(folders);
  const images = [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, group]) => imageOf(id, group, find, source));
  return {
    name: split,
    classes: classesFrom([...objects.values()].flatMap((group) => group.map(({ name }) => name))),
    images,
  };
}

/** A row by the names of its columns. */
export type Fields = ReadonlyMap<string, string>;

/** @throws InputError when a column is missing */
export async function readRows(file: string, onRow: (row: Fields, line: number) => void): Promise<void> {
  let header: string[] | undefined;
  await readCsv(file, (fields, line) => {
    if (header) onRow(new Map(header.map((name, i) => [name, fields[i] ?? ""])), line);
    else header = requireColumns(fields, file);
  });
  if (!header) throw new InputError("the file is empty", { file });
}

function requireColumns(header: string[], file: string): string[] {
  const missing = ["ImageID", ...SIDES].filter((name) => !header.includes(name));
  if (!header.includes("ClassName") && !header.includes("LabelName")) missing.push("ClassName");
  if (missing.length === 0) return header;
  throw new InputError(`there is no column ${missing.join(", ")}`, { file, line: 1, fix: "give an annotation file of Open Images" });
}

function classOf(row: Fields, descriptions: ReadonlyMap<string, string>): string {
  const [name, label = ""] = [row.get("ClassName"), row.get("LabelName")];
  return className(name ?? descriptions.get(label) ?? label);
}

function objectOf(row: Fields, line: number, { descriptions, groups }: Understanding): RawObject {
  const wrong = SIDES.find((side) => Number.isNaN(decimal(row.get(side) ?? "")));
  const fault = wrong && { kind: "not-a-number", message: `${wrong} is ${JSON.stringify(row.get(wrong))}, not a number` };
  return {
    name: classOf(row, descriptions),
    box: SIDES.map((side) => decimal(row.get(side) ?? "")) as RawObject["box"],
    flags: groups === "crowds" && row.get("IsGroupOf") === "1" ? CROWD : 0,
    line,
    annotation: line - 1,
    ...(fault && { fault }),
    ...(row.get("IsTruncated") === "1" && { truncated: true }),
    ...(row.get("IsOccluded") === "1" && { occluded: true }),
    origin: { openimages: row },
  };
}

function imageOf(id: string, objects: RawObject[], find: (filename: string) => string | Fault, source: string): RawImage {
  const picture = id === "" ? { kind: "missing-picture", message: "a row has no ImageID" } : find(`${id}.jpg`);
  return { id, source, ...(typeof picture === "string" ? { imageFile: picture } : { fault: picture }), objects, relative: true };
}

import { InputError, type InputErrorPlace } from "@singleshot/base";
import { nanScore } from "../check.js";

export type Id = string | number;

/** A box of a COCO file: x, y, width, height. */
interface Row {
  image_id: Id;
  category_id: Id;
  bbox: [number, number, number, number];
}

export interface Annotation extends Row {
  id?: Id;
  area?: number;
  iscrowd?: number;
}

export interface Result extends Row {
  score: number;
}

export interface AnnotationFile {
  images: { id: Id }[];
  annotations: Annotation[];
  categories: { id: Id; name?: string }[];
}

/**
 * The content of a COCO file. Python writes NaN into JSON, where the word is not allowed: it is let through here as text, so that the
 * place where it stands can be named.
 */
export function parseCocoText(text: string, file?: string): unknown {
  const asText = () => text.replace(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, '$1"$2"');
  for (const attempt of [() => text, asText]) {
    try {
      return JSON.parse(attempt());
    } catch {}
  }
  throw new InputError("this is not JSON", { ...place(file), fix: "write the file again; it may have been cut off" });
}

export function checkAnnotations(content: unknown, file?: string): asserts content is AnnotationFile {
  for (const key of ["images", "annotations", "categories"]) {
    if (Array.isArray((content as Record<string, unknown> | null)?.[key])) continue;
    throw new InputError(`there is no list "${key}"`, { ...place(file), fix: "give a COCO annotation file (instances_….json)" });
  }
  const { images, annotations, categories } = content as AnnotationFile;
  for (const [i, row] of images.entries()) checkId(row, "id", `picture ${i + 1} of the list: `, place(file));
  for (const [i, row] of categories.entries()) checkId(row, "id", `category ${i + 1} of the list: `, place(file));
  annotations.forEach((row, i) => {
    const where = { ...place(file), annotation: row?.id ?? `${i + 1} of the list` };
    checkBox(row, "", where);
    if (row.area !== undefined && !Number.isFinite(row.area)) throw new InputError(`area ${show(row.area)} is not a number`, where);
  });
}

export function checkResults(content: unknown, file?: string): asserts content is Result[] {
  if (!Array.isArray(content)) {
    const fix = 'give a list of { "image_id", "category_id", "bbox": [x, y, width, height], "score" }';
    throw new InputError("these are not COCO detections", { ...place(file), fix });
  }
  content.forEach((row, i) => {
    const what = `detection ${i + 1} of the list`;
    checkBox(row, `${what}: `, place(file));
    for (const key of ["image_id", "category_id"] as const) checkId(row, key, `${what}: `, place(file));
    if (Number.isNaN(row.score) || row.score === "NaN") throw nanScore(`picture ${row.image_id}, ${what}`, place(file));
    if (typeof row.score !== "number") throw new InputError(`${what}: score ${show(row.score)} is not a number`, place(file));
  });
}

function checkId<K extends string>(row: Partial<Record<K, Id>> | null, key: K, what: string, where: InputErrorPlace): void {
  const id = row?.[key];
  if (typeof id === "string" || (typeof id === "number" && !Number.isNaN(id))) return;
  throw new InputError(`${what}${key} ${show(id)} is neither a number nor a text`, where);
}

function checkBox(row: Partial<Row> | null, what: string, where: InputErrorPlace): void {
  const box = row?.bbox;
  if (Array.isArray(box) && box.length === 4 && box.every((x) => Number.isFinite(x))) return;
  throw new InputError(`${what}bbox ${show(box)} is not four numbers`, { ...where, fix: "write [x, y, width, height] in pixels" });
}

const show = (value: unknown) => JSON.stringify(value) ?? "(missing)";
const place = (file?: string): InputErrorPlace => (file === undefined ? {} : { file });

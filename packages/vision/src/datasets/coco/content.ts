import { constants } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { InputError } from "@singleshot/base";
import { parseCocoText } from "../../metrics/index.js";

/** What a row of the file may be: anything, until it is looked at. */
export type Row = Record<string, unknown>;

export interface CocoContent {
  images: Row[];
  annotations: Row[];
  categories: Row[];
}

/** @throws InputError when it is not such a file */
export function readCocoContent(file: string): CocoContent {
  const content = parseCocoText(readWhole(file), file) as Row | null;
  const list = (key: keyof CocoContent) => {
    const rows = isRow(content) ? content[key] : undefined;
    if (!Array.isArray(rows))
      throw new InputError(`there is no list "${key}"`, { file, fix: "give a COCO annotation file (instances_….json)" });
    return rows.map((row) => (isRow(row) ? row : {}));
  };
  return { images: list("images"), annotations: list("annotations"), categories: list("categories") };
}

function readWhole(file: string): string {
  if (statSync(file).size >= constants.MAX_STRING_LENGTH)
    throw new InputError("too long to be read at once", {
      file,
      fix: "make it smaller: leave the segmentations out, or divide it by pictures",
    });
  return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
}

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/** A number that is exact, or a text. JavaScript reads 9007199254740993 as …992, which may be another row's. */
export function idIn(value: unknown): number | string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

export function idFault(key: string, value: unknown): { kind: string; message: string } {
  if (value === undefined) return { kind: "no-id", message: `${key} is missing` };
  const tooLarge = typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return {
    kind: "unsafe-id",
    message: `${key} ${show(value)} is ${tooLarge ? "too large to be exact" : "neither a whole number nor a text"}`,
  };
}

/** Short, and never into the depth of what a file may hold. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, 5).map(showFlat).join(", ")}${value.length > 5 ? ", …" : ""}]`;
  return showFlat(value);
}

function showFlat(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === "object" && value !== null ? (Array.isArray(value) ? "[…]" : "{…}") : String(value);
}

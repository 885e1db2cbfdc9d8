import { lines } from "../writing/index.js";
import type { Fields } from "./read.js";

/** As the originals have them, and the class's name, which jetson's downloader adds. */
const COLUMNS = [
  "ImageID",
  "Source",
  "LabelName",
  "Confidence",
  "XMin",
  "XMax",
  "YMin",
  "YMax",
  "IsOccluded",
  "IsTruncated",
  "IsGroupOf",
  "IsDepiction",
  "IsInside",
  "ClassName",
];

/** Rows as the text of an annotation file. */
export function annotationTable(rows: readonly Fields[]): string {
  const texts = rows.map((row) => COLUMNS.map((column) => quoted(row.get(column) ?? "")).join(","));
  return lines([COLUMNS.join(","), ...texts]);
}

const quoted = (field: string) => (/[",\n\r]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

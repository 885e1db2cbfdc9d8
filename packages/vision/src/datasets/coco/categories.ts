import { className } from "../class-list.js";
import type { DatasetProblem } from "../types.js";
import { type CocoContent, idFault, idIn, type Row } from "./content.js";

export interface Categories {
  /** id → class name */
  names: Map<number | string, string>;
  /** in the order of their ids */
  classes: string[];
  /** class name → row */
  rows: Map<string, Row>;
  problems: DatasetProblem[];
}

/** The classes of a file, in the order of their ids, however sparse those are. Two ids of one name are one class. */
export function readCategories({ categories, annotations }: CocoContent, source: string): Categories {
  const problems: DatasetProblem[] = [];
  const note = (kind: string, message: string) => problems.push({ file: source, kind, action: "note", message });
  const names = new Map<number | string, string>();
  const rows = new Map<string, Row>();
  const used = new Set(annotations.map((row) => row.category_id));
  for (const row of [...categories].sort(byId)) {
    const [id, name] = [idIn(row.id), typeof row.name === "string" ? className(row.name) : ""];
    if (id === undefined) note("broken-category", `category ${name || "without a name"} is not used: ${idFault("its id", row.id).message}`);
    else if (name === "") note("broken-category", `category ${id} is not used: it has no name`);
    else if (isHeading(row, categories) && !used.has(id)) note("heading", `category ${name} is a heading of others, not a class`);
    else if (names.has(id))
      note("duplicate-category", `category ${id} is listed twice: as ${names.get(id)} and as ${name}; the first counts`);
    else {
      if (rows.has(name)) note("duplicate-category", `category ${id} has the name of another, ${name}: they are one class`);
      else rows.set(name, row);
      names.set(id, name);
    }
  }
  return { names, classes: [...rows.keys()], rows, problems };
}

/** Roboflow writes the project's name as category 0, above all others. */
function isHeading(row: Row, categories: readonly Row[]): boolean {
  return row.supercategory === "none" && categories.some((other) => other !== row && other.supercategory === row.name);
}

/** Numbers by size, before texts. */
function byId(a: Row, b: Row): number {
  const [x, y] = [a.id, b.id];
  if (typeof x === "number" && typeof y === "number") return x - y;
  if (typeof x === typeof y) return String(x) < String(y) ? -1 : 1;
  return typeof x === "number" ? -1 : 1;
}

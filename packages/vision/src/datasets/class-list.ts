import { readFileSync } from "node:fs";
import { InputError } from "../errors.js";

/**
 * The classes of a data set, one a line. Empty lines are skipped; so is a first line that names the background, which has label 0
 * everywhere and is never listed.
 *
 * @throws InputError when a class is listed twice or there is none
 */
export function readClassList(file: string): string[] {
  const lines = readFileSync(file, "utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/);
  const numbered = lines.map((text, i) => ({ name: text.trim(), line: i + 1 })).filter(({ name }) => name !== "");
  if (/^_*background_*$/i.test(numbered[0]?.name ?? "")) numbered.shift();
  const classes = numbered.map(({ name }) => name);
  const again = numbered.find(({ name }, i) => classes.indexOf(name) < i);
  if (again) throw new InputError(`class ${again.name} is listed twice`, { file, line: again.line, fix: "remove one of them" });
  if (classes.length === 0) throw new InputError("no class is listed", { file, fix: "write the names of the classes, one a line" });
  return classes;
}

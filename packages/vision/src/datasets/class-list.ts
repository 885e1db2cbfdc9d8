import { InputError } from "@singleshot/base";
import { closest } from "../closest.js";
import { NO_CLASS } from "../sample.js";
import { linesOf, readText, required } from "./text-file.js";

/**
 * The classes of a data set, one a line. Empty lines are skipped; so is a first line that names the background, which has label 0
 * everywhere and is never listed, unless `background` says that the lines are numbered all the same. Of CVAT's `labelmap.txt` (`name:colour:parts:actions`, comments with #) the names are taken.
 *
 * @throws InputError when a class is listed twice or there is none
 */
export function readClassList(file: string, { background = false } = {}): string[] {
  const lines = linesOf(required(file, () => readText(file)));
  const isLabelMap = file.endsWith("labelmap.txt");
  const numbered = isLabelMap
    ? lines.filter(({ text }) => !text.startsWith("#")).map(({ text, line }) => ({ text: text.split(":")[0]!.trim(), line }))
    : lines;
  const classes = numbered.filter(({ text }, i) => background || !((i === 0 || isLabelMap) && isBackground(text)));
  const names = classes.map(({ text }) => className(text));
  const again = classes.find((_, i) => names[i] !== NO_CLASS && names.indexOf(names[i]!) < i);
  if (again) throw new InputError(`class ${again.text} is listed twice`, { file, line: again.line, fix: "remove one of them" });
  if (names.length === 0) throw new InputError("no class is listed", { file, fix: "write the names of the classes, one a line" });
  return names;
}

/** A class's name on one line, as lists of classes have it. */
export const className = (text: string): string => text.trim().replace(/\s*[\r\n]\s*/g, " ");

export const isBackground = (name: string) => /^_*background_*$/i.test(name);

/** Without repetition, in the order of the alphabet: what counts where nobody lists the classes. */
export function classesFrom(names: Iterable<string>): string[] {
  return [...new Set(names)].filter((name) => name !== "").sort();
}

export function noSuchClass(name: string, classes: readonly string[]): InputError {
  const guess = closest(name, classes);
  return new InputError(`no class is called ${name}`, { fix: guess ? `did you mean ${guess}?` : `there are ${classes.join(", ")}` });
}

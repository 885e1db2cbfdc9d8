import { InputError } from "@singleshot/base";
import { closest } from "../closest.js";

/** The usual names of splits. */
export const ROLES: readonly string[] = ["train", "trainval", "val", "test"];

/** What other tools call them. */
const OTHER_NAMES = new Map([
  ["val", ["validation", "valid", "dev"]],
  ["validation", ["val", "valid"]],
  ["valid", ["val", "validation"]],
  ["train", ["training"]],
  ["test", ["testing"]],
]);

/**
 * The split that a name means: that of the name; else `val2017` or `voc_val` for `val`, if only one is called so; else what other tools
 * call it (`valid`, `validation`).
 */
export function findSplit(splits: readonly string[], name: string): string | undefined {
  const likes = [name, ...(OTHER_NAMES.get(name) ?? [])];
  for (const like of likes) {
    if (splits.includes(like)) return like;
    const dressed = splits.filter((split) => split.replace(/^.*_/, "").replace(/\d{4}$/, "") === like);
    if (dressed.length === 1) return dressed[0];
  }
  return undefined;
}

/** @param where words for the message: `in ImageSets/Main` */
export function noSuchSplit(root: string, split: string, splits: readonly string[], where = ""): InputError {
  const guess = closest(split, splits);
  const existing =
    splits.length > 0
      ? `there ${splits.length === 1 ? "is" : "are"} ${splits.join(", ")}`
      : "there is none; leave the split out to use all pictures";
  return new InputError(`no split ${split}${where && ` ${where}`}`, {
    file: root,
    fix: guess ? `${existing}. Did you mean ${guess}?` : existing,
  });
}

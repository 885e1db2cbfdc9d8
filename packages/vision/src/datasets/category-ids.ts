import { InputError } from "@singleshot/base";
import { NO_CLASS } from "../sample.js";
import type { RawDataset } from "./types.js";

/**
 * A data set of COCO's form with a label for every category id from 1 on, as torchvision numbers them. Where all of its categories are
 * among the usual ones, those are its classes; else the ids that it does not use name nothing.
 *
 * @param usual the names of all ids
 * @throws InputError for a category without such an id
 */
export function numberedById(raw: RawDataset, usual: readonly string[]): RawDataset {
  const categories = raw.classes.map((name) => ({ name, id: raw.origin?.categories?.get(name)?.id }));
  const odd = categories.find(({ id }) => usual[Number(id) - 1] === undefined);
  if (odd)
    throw new InputError(`category ${odd.name} has the id ${odd.id}, where labels are ids from 1 to ${usual.length}`, {
      file: raw.name,
      fix: "number the categories so, or take the classes without their ids",
    });
  const names = new Map(categories.map(({ name, id }) => [Number(id), name]));
  const isUsual = categories.every(({ name, id }) => usual[Number(id) - 1] === name);
  return { ...raw, classes: isUsual ? [...usual] : usual.map((_, i) => names.get(i + 1) ?? NO_CLASS) };
}

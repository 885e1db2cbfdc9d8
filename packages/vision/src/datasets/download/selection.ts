import { type Draw, permutation } from "../../random.js";
import type { Fields } from "../openimages/index.js";

/** The rows of one split that are wanted. */
export interface SplitRows {
  split: string;
  rows: Fields[];
}

export interface SelectionOptions {
  /** at most so many pictures, over all splits in proportion */
  maxImages?: number;
  /** at most so many boxes of each class in each split */
  maxAnnotationsPerClass?: number;
  /** leaves out single objects that lie in the box of a group of their class */
  removeOverlapped?: boolean;
}

/** Takes a part of the rows, at random by `draw`. */
export function selectRows(splits: readonly SplitRows[], options: SelectionOptions, draw: Draw): SplitRows[] {
  const { maxImages, maxAnnotationsPerClass, removeOverlapped = false } = options;
  const apart = removeOverlapped ? splits.map(({ split, rows }) => ({ split, rows: withoutOverlapped(rows) })) : splits;
  const sampled =
    maxAnnotationsPerClass === undefined
      ? apart
      : apart.map(({ split, rows }) => ({ split, rows: samplePerClass(rows, maxAnnotationsPerClass, draw) }));
  return maxImages === undefined ? [...sampled] : limitImages(sampled, maxImages, draw);
}

function samplePerClass(rows: readonly Fields[], most: number, draw: Draw): Fields[] {
  const groups = groupBy(rows, (row) => row.get("ClassName"));
  const kept = new Set([...groups.values()].flatMap((group) => sample(group, most, draw)));
  return rows.filter((row) => kept.has(row));
}

function limitImages(splits: readonly SplitRows[], most: number, draw: Draw): SplitRows[] {
  const ids = splits.map(({ rows }) => [...new Set(rows.map((row) => row.get("ImageID")!))]);
  const total = ids.reduce((sum, list) => sum + list.length, 0);
  if (total <= most) return [...splits];
  return splits.map(({ split, rows }, i) => {
    const kept = new Set(sample(ids[i]!, Math.floor((most * ids[i]!.length) / total), draw));
    return { split, rows: rows.filter((row) => kept.has(row.get("ImageID")!)) };
  });
}

function withoutOverlapped(rows: readonly Fields[]): Fields[] {
  const key = (row: Fields) => `${row.get("ImageID")} ${row.get("LabelName")}`;
  const groups = groupBy(
    rows.filter((row) => row.get("IsGroupOf") === "1"),
    key,
  );
  const isInside = (row: Fields, group: Fields) =>
    ["XMin", "YMin"].every((side) => Number(row.get(side)) >= Number(group.get(side))) &&
    ["XMax", "YMax"].every((side) => Number(row.get(side)) <= Number(group.get(side)));
  return rows.filter((row) => row.get("IsGroupOf") === "1" || !(groups.get(key(row)) ?? []).some((group) => isInside(row, group)));
}

function sample<T>(items: readonly T[], most: number, draw: Draw): T[] {
  return permutation(draw, items.length)
    .slice(0, most)
    .map((index) => items[index]!);
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

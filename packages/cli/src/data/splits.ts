import { findSplit, splitsOfPlaces } from "@singleshot/vision/node";
import type { DataSource } from "./source.js";

/**
 * The split that is meant: the one that was asked for; else the first of the usual ones that the data set has; else, where it has none
 * of them, undefined.
 */
export function chooseSplit({ places, options }: DataSource, wanted: string | undefined, usual: readonly string[]): string | undefined {
  if (wanted !== undefined || options.annotations !== undefined) return wanted; // a file that is named has no splits
  const splits = splitsOfPlaces(places);
  return usual.flatMap((name) => findSplit(splits, name) ?? [])[0];
}

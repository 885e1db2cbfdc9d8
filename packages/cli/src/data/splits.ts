import { vocSplits } from "@singleshot/vision/node";

/**
 * The split that is meant: the one that was asked for; else the first of the usual ones that the data set has; else, where it has none
 * of them, undefined.
 */
export function chooseSplit(root: string, wanted: string | undefined, usual: readonly string[]): string | undefined {
  if (wanted !== undefined) return wanted;
  const splits = vocSplits(root);
  return usual.find((name) => splits.includes(name));
}

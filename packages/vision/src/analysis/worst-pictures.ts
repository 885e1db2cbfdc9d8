import type { Mistake, MistakeKind } from "./mistakes.js";

/** A picture and what went wrong in it. */
export interface WorstPicture {
  picture: number;
  mistakes: Mistake[];
}

/** The pictures with most mistakes of some kinds: a detection counts as much as its score, a missed object 1. */
export function worstPictures(mistakes: readonly Mistake[], kinds: readonly MistakeKind[], most: number): WorstPicture[] {
  const groups = new Map<number, Mistake[]>();
  for (const mistake of mistakes) {
    if (kinds.includes(mistake.kind)) groups.set(mistake.picture, [...(groups.get(mistake.picture) ?? []), mistake]);
  }
  const weight = (list: readonly Mistake[]) => list.reduce((sum, { kind, score }) => sum + (kind === "missed" ? 1 : score), 0);
  const worst = [...groups].map(([picture, list]) => ({ picture, mistakes: list }));
  return worst.sort((a, b) => weight(b.mistakes) - weight(a.mistakes) || a.picture - b.picture).slice(0, most);
}

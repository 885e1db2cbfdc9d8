import { apOf, type RankedClass, rankClasses, ranked } from "./curves.js";
import { type MatchedPicture, NONE } from "./match.js";
import { MISTAKES, type Mistake, type MistakeKind, mayFind } from "./mistakes.js";

/**
 * What each kind costs: how much higher the mean AP at the matching's threshold would be if an oracle put right all mistakes of that kind
 * and no other. It moves a badly placed or wrongly named detection onto its object, unless that is found already or a better one of the
 * kind wants it; then, like those of all other kinds, the detection goes. Missed objects are no longer asked for. Costs do not add up:
 * kinds mend each other.
 *
 * @param mistakes all, whatever their scores
 */
export function mistakeCosts(
  pictures: readonly MatchedPicture[],
  mistakes: readonly Mistake[],
  classes: number,
): Record<MistakeKind, number> {
  const ranks = rankClasses(pictures, classes);
  const before = meanAp(ranks, ranks);
  const costs = MISTAKES.map((kind) => {
    const own = mistakes.filter((mistake) => mistake.kind === kind);
    return [kind, meanAp(mended(pictures, own, ranks), ranks) - before] as const;
  });
  return Object.fromEntries(costs) as Record<MistakeKind, number>;
}

/** Over the classes that have objects. */
function meanAp(ranks: readonly RankedClass[], original: readonly RankedClass[]): number {
  const counted = ranks.filter((_, label) => original[label]!.wanted > 0);
  return counted.length === 0 ? 0 : counted.reduce((sum, rank) => sum + apOf(rank), 0) / counted.length;
}

/** The ranks without these mistakes. */
function mended(pictures: readonly MatchedPicture[], mistakes: readonly Mistake[], ranks: readonly RankedClass[]): RankedClass[] {
  const lists = ranks.map(({ scores, right }) => Array.from(scores, (score, i) => ({ score, right: right[i]! })));
  const wanted = ranks.map((rank) => rank.wanted);
  const gone = lists.map(() => new Map<number, number>()); // per class: how many wrong ones of a score go
  const mayReplace = bestForObject(pictures, mistakes.filter(mayFind));
  for (const mistake of mistakes) {
    const { truth, found } = pictures[mistake.picture]!;
    if (mistake.kind === "missed") {
      wanted[truth.labels[mistake.object]! - 1]!--;
      continue;
    }
    const scores = gone[found.labels[mistake.detection]! - 1]!;
    scores.set(mistake.score, (scores.get(mistake.score) ?? 0) + 1);
    if (mayReplace.has(mistake)) lists[truth.labels[mistake.object]! - 1]!.push({ score: mistake.score, right: 1 });
  }
  return lists.map((rows, label) => ranked(without(rows, gone[label]!), wanted[label]!));
}

/** The best detection for each object that nothing has found. */
function bestForObject(pictures: readonly MatchedPicture[], mistakes: readonly Mistake[]): Set<Mistake> {
  const best = new Map<string, Mistake>();
  for (const mistake of mistakes) {
    const key = `${mistake.picture} ${mistake.object}`;
    if (pictures[mistake.picture]!.detectionOf[mistake.object] !== NONE) continue;
    if ((best.get(key)?.score ?? Number.NEGATIVE_INFINITY) < mistake.score) best.set(key, mistake);
  }
  return new Set(best.values());
}

/** Of detections of equal score it does not matter which wrong one goes. */
function without(rows: readonly { score: number; right: number }[], gone: ReadonlyMap<number, number>) {
  const left = new Map(gone);
  return rows.filter(({ score, right }) => {
    const count = right ? 0 : (left.get(score) ?? 0);
    if (count > 0) left.set(score, count - 1);
    return count === 0;
  });
}

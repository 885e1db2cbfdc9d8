/** The candidate that is at most a few letters away, upper and lower case being almost the same; undefined when none is near. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  return nearest(word, candidates, 1)[0];
}

/** So many of the candidates that are at most a few letters away, the nearest first. */
export function nearest(word: string, candidates: Iterable<string>, count = 3): string[] {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const distances = [...new Set(candidates)].map((candidate) => {
    return { candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) };
  });
  const near = distances.filter(({ distance }) => distance <= limit).sort((a, b) => a.distance - b.distance);
  return near.slice(0, count).map(({ candidate }) => candidate);
}

/** Letters to change, insert, remove or swap with a neighbour. */
function editDistance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : change;
      row.push(Math.min(change, swap, last[j]! + 1, row[j - 1]! + 1));
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}

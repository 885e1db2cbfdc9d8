const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/**
 * How many batches each pass over the data has in a training of so many steps; the last pass may be cut short.
 *
 * @param countsOf  the batches of each of the first so many passes
 * @param batchSize after so many passes there is one batch at least
 */
export function passesOf(steps: number, countsOf: (passes: number) => number[], batchSize: number): number[] {
  let passes = 1;
  while (sum(countsOf(passes)) < steps && passes < steps * batchSize) passes *= 2;
  const cut: number[] = [];
  let left = steps;
  for (const count of countsOf(passes)) {
    if (left === 0) break;
    cut.push(Math.min(count, left));
    left -= cut.at(-1)!;
  }
  return cut;
}

import { expect, test } from "vitest";
import { teamsOf } from "../testing/teams.js";
import { type InStepOptions, inStep } from "./in-step.js";

interface Made {
  index: number;
  entries: string[];
  [Symbol.dispose](): void;
}

/** Batches of so many pictures, by index, and which of them have been let go of. */
function made(counts: Record<number, number>): { batches: AsyncIterable<Made>; freed: number[] } {
  const freed: number[] = [];
  async function* batches() {
    for (const [index, length] of Object.entries(counts).map(([key, count]) => [Number(key), count] as const))
      yield { index, entries: Array.from({ length }, () => "picture"), [Symbol.dispose]: () => void freed.push(index) };
  }
  return { batches: batches(), freed };
}

/** What each rank is given, of so many pictures by index; its options may ask how many batches it has seen. */
function walk(ranks: { counts: Record<number, number>; options?: (seen: () => number) => InStepOptions }[]) {
  const teams = teamsOf(ranks.length);
  return Promise.all(
    ranks.map(async ({ counts, options }, rank) => {
      const { batches, freed } = made(counts);
      const seen: [index: number, pictures: number[], isDue: boolean][] = [];
      const given = options?.(() => seen.length) ?? {};
      for await (using shared of inStep(teams[rank]!, batches, given)) seen.push([shared.batch.index, shared.pictures, shared.isDue]);
      return { seen, freed };
    }),
  );
}

test("every rank takes the same steps, and knows how many pictures each has of them", async () => {
  const expected = [
    [0, [2, 2], false],
    [1, [1, 2], false],
  ];
  for (const { seen } of await walk([{ counts: { 0: 2, 1: 1 } }, { counts: { 0: 2, 1: 2 } }])) expect(seen).toEqual(expected);
});

test("a batch that a rank has no picture of is left out by all, and freed", async () => {
  const ranks = await walk([{ counts: { 0: 2, 1: 2, 2: 2, 3: 1 } }, { counts: { 0: 2, 2: 1 } }, { counts: { 1: 2, 2: 2, 3: 1 } }]);
  for (const { seen } of ranks) expect(seen).toEqual([[2, [2, 1, 2], false]]);
  expect(ranks.map(({ freed }) => freed)).toEqual([
    [0, 1, 2, 3],
    [0, 2],
    [1, 2, 3],
  ]);
});

test("when one rank is asked to stop, all do after the same step", async () => {
  const stopped: number[] = [];
  const counts = { 0: 1, 1: 1, 2: 1 };
  const ranks = await walk([
    { counts, options: () => ({ onStop: () => void stopped.push(0) }) },
    {
      counts,
      options: (seen) => ({
        signal: {
          get aborted() {
            return seen() === 2;
          },
        } as AbortSignal,
        onStop: () => void stopped.push(1),
      }),
    },
  ]);
  for (const { seen } of ranks) expect(seen.map(([index]) => index)).toEqual([0, 1]);
  expect(stopped.sort()).toEqual([0, 1]);
});

test("what is due on one rank is told to all before the next step that they take", async () => {
  const late = (when: number) => (seen: () => number) => ({ isDue: () => seen() === when });
  const ranks = await walk([
    { counts: { 0: 1, 1: 1, 2: 1, 3: 1 }, options: late(1) },
    { counts: { 0: 1, 2: 1, 3: 1 }, options: late(9) },
  ]);
  const expected = [
    [0, [1, 1], false],
    [2, [1, 1], true],
    [3, [1, 1], false],
  ];
  for (const { seen } of ranks) expect(seen).toEqual(expected);
});

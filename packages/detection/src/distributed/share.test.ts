import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchesOf, inOrder, partOf, spansOf } from "./share.js";

const sizes = fc.integer({ min: 1, max: 9 });

describe("a batch is shared out", () => {
  test("whole, in order, as evenly as can be", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), sizes, (batch, size) => {
        fc.pre(batch.length >= size);
        const parts = Array.from({ length: size }, (_, rank) => partOf(batch, { rank, size }));
        expect(parts.flat()).toEqual(batch);
        const lengths = parts.map(({ length }) => length);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("with pictures twice where there are fewer than processes, so that each has one", () => {
    const parts = Array.from({ length: 5 }, (_, rank) => partOf(["a", "b"], { rank, size: 5 }));
    expect(parts).toEqual([["a"], ["b"], ["a"], ["b"], ["a"]]);
  });
});

describe("a part is computed in spans", () => {
  const pictures = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });

  test("that lie behind each other and cover it, as many on every rank, with weights that add up to one", () => {
    fc.assert(
      fc.property(pictures, sizes, (all, size) => {
        const ranks = all.map((_, rank) => spansOf(all, rank, size));
        for (const [rank, spans] of ranks.entries()) {
          expect(spans).toHaveLength(ranks[0]!.length);
          for (const [i, { from, together, weight }] of spans.entries()) {
            expect(from).toBe(i === 0 ? 0 : spans[i - 1]!.from + spans[i - 1]!.count);
            expect(together).toBe(ranks.reduce((sum, other) => sum + other[i]!.count, 0));
            expect(weight).toBe(ranks[0]![i]!.weight);
          }
          expect(spans.at(-1)!.from + spans.at(-1)!.count).toBe(all[rank]);
          expect(spans.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
        }
      }),
    );
  });

  test("of at most so many pictures, and one more in the last where parts differ by one", () => {
    expect(spansOf([4, 5], 1, 2)).toEqual([
      { from: 0, count: 2, together: 4, weight: 4 / 9 },
      { from: 2, count: 3, together: 5, weight: 5 / 9 },
    ]);
  });
});

test("whole batches that are dealt out come back in order", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 60 }), sizes, sizes, (items, batchSize, size) => {
      const parts = Array.from({ length: size }, (_, rank) => batchesOf(items, batchSize, { rank, size }));
      expect(inOrder(parts, batchSize)).toEqual(items);
    }),
  );
});

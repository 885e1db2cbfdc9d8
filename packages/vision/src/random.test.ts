import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { below, between, permutation, randomOf, xoshiro128 } from "./random.js";

describe("random numbers", () => {
  test("depend on the keys and nothing else", () => {
    const take = (...keys: number[]) => Array.from({ length: 5 }, randomOf(...keys));
    expect(take(1, 2, 3)).toEqual(take(1, 2, 3));
    const streams = [take(1, 2, 3), take(1, 3, 2), take(1, 2), take(1, 2, 0), take(2 ** 32 + 1, 2, 3), take(0), take(-1, 2, 3)].map(String);
    expect(new Set(streams).size).toBe(streams.length);
  });

  test("come from xoshiro128** as published", () => {
    const next = xoshiro128([1, 2, 3, 4]);
    const published = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804];
    expect(Array.from({ length: 10 }, next)).toEqual(published);
  });

  test("are frozen: other numbers would train other models", () => {
    const draw = randomOf(1, 2, 3);
    expect(Array.from({ length: 4 }, () => draw() * 2 ** 24)).toEqual([3718093, 14566350, 2711183, 9361399]);
  });

  test("are even: mean, variance, neighbouring streams and bits", () => {
    const first = Float64Array.from({ length: 40_000 }, (_, index) => randomOf(7, 1, index)());
    const along = Float64Array.from({ length: 40_000 }, randomOf(7, 1, 0));
    for (const values of [first, along]) {
      const mean = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
      const neighbours = values.reduce((a, x, i) => a + (x - mean) * ((values[i + 1] ?? mean) - mean), 0) / values.length / variance;
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.006); // four standard errors
      expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.002);
      expect(Math.abs(neighbours)).toBeLessThan(0.02);
    }
  });

  test("stay in [0, 1) in float32 too, and whole numbers below n", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, n) => {
        const draw = randomOf(seed);
        const u = draw();
        expect(Math.fround(u)).toBe(u);
        expect(u).toBeLessThan(1);
        expect(below(draw, n)).toBeLessThan(n);
        expect(between(draw, -2, 3)).toBeGreaterThanOrEqual(-2);
        expect(permutation(draw, n).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });
});

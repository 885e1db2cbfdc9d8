import { elementsOf } from "@singleshot/testing";
import { factorEdges, histogram } from "@singleshot/vision";
import fc from "fast-check";
import { expect, test } from "vitest";
import { columnChart } from "./column-chart.js";
import { lineChart } from "./line-chart.js";
import { roundedUp, short, ticksBetween } from "./numbers.js";
import { means } from "./training.js";

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });

test("ticks are round, in order, between the ends, and not too many", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: -6, max: 6 }),
      (start, length, power) => {
        const [low, high] = [start * 10 ** power, (start + length) * 10 ** power];
        const ticks = ticksBetween(low, high);
        const room = 1e-6 * (high - low);
        expect(ticks.length).toBeLessThanOrEqual(12);
        expect(ticks.every((tick, i) => tick >= low - room && tick <= high + room && (i === 0 || tick > ticks[i - 1]!))).toBe(true);
        expect(roundedUp(low, high)).toBeGreaterThanOrEqual(high - room);
      },
    ),
  );
  expect(ticksBetween(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect([0, 0.00002, 0.0015, 12345.6, 5e7].map(short)).toEqual(["0", "2.0e-5", "0.0015", "12300", "5.0e+7"]);
});

test("every point lies inside of its chart, whatever the numbers", () => {
  const points = fc.array(fc.tuple(number, number), { maxLength: 20 }).map((list) => list.sort(([a], [b]) => a - b));
  fc.assert(
    fc.property(points, points, (first, second) => {
      const series = [first, second].map((own, i) => ({ name: `line ${i}`, color: "#123456", points: own, dots: true }));
      const { markup } = lineChart(series, { title: "title", x: { label: "x" }, y: { label: "y" } });
      const elements = elementsOf(markup);
      expect(markup).not.toMatch(/NaN|Infinity/);
      for (const { attributes } of elements.filter(({ name }) => name === "circle")) {
        expect(Number(attributes.get("cx"))).toBeGreaterThanOrEqual(52);
        expect(Number(attributes.get("cx"))).toBeLessThanOrEqual(408);
        expect(Number(attributes.get("cy"))).toBeGreaterThanOrEqual(12);
        expect(Number(attributes.get("cy"))).toBeLessThanOrEqual(208);
      }
      if (first.length + second.length === 0) expect(elements.map(({ text }) => text)).toContain("Nothing was recorded.");
    }),
  );
});

test("pointing at a place tells the numbers there", () => {
  const series = [
    {
      name: "loss",
      color: "#123456",
      points: [
        [0, 4],
        [10, 2],
      ] as const,
    },
  ];
  const titles = elementsOf(lineChart(series, { title: "t", x: { label: "epoch" }, y: { label: "loss" } }).markup).filter(
    ({ name }) => name === "title",
  );
  expect(titles).toHaveLength(48);
  expect(titles[0]!.text).toBe("epoch 0.104\nloss: 3.98");
});

test("columns stand on each other and tell their counts", () => {
  const { markup } = columnChart(histogram([1.5, 1.6, 3], [1, 2, 2], factorEdges(1, 8, 3), 2), {
    title: "sizes",
    unit: "px",
    names: ["a", "b"],
    colors: ["#000000", "#ffffff"],
  });
  expect(
    elementsOf(markup)
      .filter(({ name }) => name === "title")
      .map(({ text }) => text),
  ).toEqual(["1 to 2\na: 1\nb: 1", "2 to 4\nb: 1"]);
});

test("means keep the mean where the pieces are equally long, and leave gaps out", () => {
  expect(
    means(
      [
        [1, 2],
        [2, 4],
        [3, Number.NaN],
        [4, 6],
        [5, 8],
      ],
      2,
    ),
  ).toEqual([
    [1.5, 3],
    [4.5, 7],
  ]);
  expect(means([[1, 2]], 9)).toEqual([[1, 2]]);
});

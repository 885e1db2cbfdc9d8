import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { madeUpDataset, madeUpDetections } from "../testing/report-data.js";
import { settings } from "./compare.js";
import { evaluationPart } from "./evaluation.js";
import { bestEvaluation, readMetrics } from "./metrics-file.js";
import { readableJson } from "./readable-json.js";

const folder = mkdtempSync(join(tmpdir(), "singleshot-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("metrics.jsonl", () => {
  test("is read line by line; what a killed run left unfinished is passed over", () => {
    const evaluation = { protocol: "coco", map: 0.5, classes: [], images: 1 };
    const lines = [{ step: 1, epoch: 1, learningRate: 0.1, loss: 3, regression: 1 }, { step: 1, epoch: 1, evaluation }, { note: "?" }];
    writeFileSync(join(folder, "metrics.jsonl"), `${lines.map((line) => JSON.stringify(line)).join("\n")}\n{"step": 2, "ep`);
    expect(readMetrics(folder)).toEqual({
      steps: [{ step: 1, epoch: 1, learningRate: 0.1, losses: { loss: 3, regression: 1 } }],
      evaluations: [{ step: 1, epoch: 1, evaluation }],
    });
    expect(readMetrics(join(folder, "none"))).toEqual({ steps: [], evaluations: [] });
  });

  test("the best evaluation is the first of the highest, as training keeps it", () => {
    const evaluations = [0.1, 0.3, 0.3, null].map((map, i) => ({
      step: i,
      epoch: i,
      evaluation: { protocol: "coco" as const, map, classes: [], images: 1 },
    }));
    expect(bestEvaluation({ steps: [], evaluations })?.epoch).toBe(1);
    expect(bestEvaluation({ steps: [], evaluations: [] })).toBeUndefined();
  });
});

test("the numbers of a report agree with each other", () => {
  const dataset = madeUpDataset(["bolt", "nut"], { pictures: 40 });
  for (const score of [undefined, 0, 0.4, 1]) {
    const { part, matched } = evaluationPart(dataset, madeUpDetections(dataset), { protocol: "coco", weights: "", score });
    const { totals, metrics, atScore, confusion, falseAlarms, mistakes } = part;
    expect(totals.objects).toBe(metrics.classes.reduce((sum, { groundTruth }) => sum + groundTruth, 0));
    for (const [label, row] of confusion.entries()) {
      expect(row[label]! / metrics.classes[label]!.groundTruth).toBeCloseTo(atScore[label]!.recall, 12);
    }
    expect(matched).toHaveLength(40);
    const wrong = mistakes.filter(({ kind }) => kind !== "missed").reduce((sum, { count }) => sum + count, 0);
    expect(totals.answers - totals.right).toBe(wrong);
    expect(falseAlarms.every((count) => count >= 0)).toBe(true);
    if (score !== undefined) expect(part.score).toBe(score);
  }
});

test("JSON to be read keeps lists of plain values on a line, and everything as it is", () => {
  const value = { a: [1, 2, [3]], b: "[\n]", c: [], d: { e: ["x ]", "{"], f: [{ g: 1, h: undefined }] } };
  const text = readableJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(
    readableJson({
      shapes: [
        [0.5, 1],
        [2, 3],
      ],
    }),
  ).toBe(`{
  "shapes": [
    [0.5, 1],
    [2, 3]
  ]
}`);
});

test("settings by their keys: lists of plain values stay together, lists of records do not", () => {
  const recipe = { name: "a", input: { width: 2 }, milestones: [1, 2], shapes: [[1, 2]], levels: [{ scale: 1 }, { scale: 2 }], none: null };
  expect(Object.fromEntries(settings(recipe))).toEqual({
    name: '"a"',
    "input.width": "2",
    milestones: "[1,2]",
    shapes: "[[1,2]]",
    "levels.0.scale": "1",
    "levels.1.scale": "2",
    none: "null",
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { madeUpDataset, madeUpDetections, madeUpReport } from "../testing/report-data.js";
import { settings } from "./compare.js";
import { evaluationPart } from "./evaluation.js";
import { verdict } from "./html/verdict.js";
import { bestEvaluation, readMetrics } from "./metrics-file.js";

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

describe("the verdict", () => {
  const data = madeUpReport();
  const evaluated = (maps: number[]) => maps.map((map, i) => ({ step: i, epoch: i + 1, evaluation: { ...data.evaluation!.metrics, map } }));
  const about = (maps: number[]) => verdict({ ...data, metrics: { steps: [], evaluations: evaluated(maps) } });
  const RISING = "mAP was highest at the last evaluation (epoch 3): longer training may bring more.";

  test("says when it was still getting better, and not when that may be chance", () => {
    expect(about([0.1, 0.2, 0.3])).toContain(RISING);
    expect(about([0.1, 0.3, 0.301])).not.toContain(RISING);
    expect(about([0.1, 0.3])).not.toContain(RISING);
  });

  test("names the classes with few objects, the costliest mistakes, and anchors that do not reach", () => {
    const { evaluation, anchors } = data;
    const mistakes = [
      { kind: "missed" as const, count: 3, cost: 0.25 },
      { kind: "background" as const, count: 1, cost: 0.01 },
    ];
    const classes = [
      { name: "bolt", ap: 0.5, ap50: 0.9, groundTruth: 100, detections: 1 },
      { name: "nut", ap: 0.4, ap50: 0.7, groundTruth: 3, detections: 1 },
    ];
    const check = { ...anchors.check, all: { ...anchors.check.all, recall: [0.8, 0.5] } };
    const part = { ...evaluation!, mistakes, metrics: { ...evaluation!.metrics, classes } };
    expect(verdict({ ...data, evaluation: part, anchors: { ...anchors, check } })).toEqual([
      "Best at bolt (AP50 0.900), weakest at nut (0.700).",
      "What costs most: missed objects (0.250 of AP50), then false alarms (0.010).",
      "With so few objects the figures are rough: nut (3).",
      "The anchors reach 80 % of the objects only: `singleshot anchors suggest` looks for better ones.",
    ]);
  });
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

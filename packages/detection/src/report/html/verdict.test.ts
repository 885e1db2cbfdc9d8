import { describe, expect, test } from "vitest";
import { madeUpReport } from "../../testing/report-data.js";
import { verdict } from "./verdict.js";

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

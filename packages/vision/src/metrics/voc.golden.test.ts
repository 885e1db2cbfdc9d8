import { expectClose, golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { DIFFICULT } from "../sample.js";
import {
  averagePrecision,
  elevenPointPrecision,
  evaluate,
  evaluateVoc,
  type GroundTruth,
  type ImageDetections,
  IOU_THRESHOLDS,
  type Protocol,
  VOC_CONVENTIONS,
  type VocConvention,
  type VocOptions,
} from "./index.js";
import { plainVoc } from "./testing/plain-voc.js";
import { randomVoc } from "./testing/random-voc.js";

const { sets, average_precision } = golden("metrics/voc");
const scale = Number(process.env.FUZZ_SCALE ?? 1);

/** The conventions, and how each original is spelled in the golden file; pytorch-ssd leaves NaN where a precision is undefined. */
const originals: [string, VocConvention][] = [
  ["gluoncv", VOC_CONVENTIONS.gluoncv],
  ["pytorch_ssd", { ...VOC_CONVENTIONS.jetson, undefinedPrecision: Number.NaN }],
];
const metrics: [string, VocOptions["metric"]][] = [
  ["area", "area"],
  ["voc07_11_point", "11-point"],
];

interface GoldenImage {
  id: string;
  gt: number[][];
  dt: number[][];
}

function records(images: GoldenImage[]): { truth: GroundTruth[]; found: ImageDetections[] } {
  const columns = (image: string, rows: number[][]) => ({
    image,
    boxes: Float64Array.from(rows.flatMap((row) => row.slice(2))),
    labels: rows.map((row) => row[0]! + 1),
  });
  return {
    truth: images.map(({ id, gt }) => ({ ...columns(id, gt), flags: gt.map((row) => (row[1] ? DIFFICULT : 0)) })),
    found: images.map(({ id, dt }) => ({ ...columns(id, dt), scores: dt.map((row) => row[1]!) })),
  };
}

describe("the originals' numbers", () => {
  test("the two integrals", () => {
    for (const { precision, recall, area, voc07_11_point } of average_precision) {
      expect(averagePrecision(precision, recall)).toBeCloseTo(area, 12);
      expect(elevenPointPrecision(precision, recall)).toBeCloseTo(voc07_11_point, 12);
    }
  });

  test.each<(typeof sets)[number]>(sets)("$name", (set) => {
    const { truth, found } = records(set.images);
    const classes = Array.from({ length: set.classes }, (_, i) => `class ${i}`);
    for (const result of set.results) {
      for (const [original, convention] of originals) {
        for (const [key, metric] of metrics) {
          const { per_class, mean, mean_of_listed } = result[original][key];
          const ours = evaluateVoc(truth, found, { classes, metric, iouThreshold: result.iou_threshold, convention });
          const known = per_class.map((ap: number | null) => ap ?? Number.NaN); // no ground truth: "nan" in GluonCV, null in pytorch-ssd
          const options = { atol: 1e-12, name: `${original} ${key}` };
          expectClose(
            ours.classes.map(({ ap }) => ap ?? Number.NaN),
            known,
            options,
          );
          expectClose([ours.map ?? Number.NaN], [mean ?? mean_of_listed], options);
        }
      }
    }
  });
});

const average = (values: (number | null)[]) => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
};

const expectSame = (ours: (number | null)[], theirs: (number | null)[], name: string) => {
  const numbers = (values: (number | null)[]) => values.map((value) => value ?? Number.NaN); // null: nothing to find
  expectClose(numbers(ours), numbers(theirs), { atol: 1e-12, name });
};

describe("laws of the evaluation", () => {
  test(`it is the definition, on ${200 * scale} random sets`, () => {
    for (let seed = 0; seed < 200 * scale; seed++) {
      const set = randomVoc(seed);
      for (const convention of Object.values(VOC_CONVENTIONS)) {
        for (const [, metric] of metrics) {
          const options = { metric, convention, iouThreshold: [0.5, 0.5, 0.75][seed % 3]! };
          const ours = evaluateVoc(set.truth, set.found, { ...options, classes: set.classes });
          expectSame(
            ours.classes.map(({ ap }) => ap),
            plainVoc(set, options),
            `${metric}, random set ${seed}`,
          );
          expectSame([ours.map], [average(plainVoc(set, options))], `mean, random set ${seed}`);
        }
      }
    }
  });

  test(`the RetinaNet tutorial's is the mean over ten thresholds, on ${20 * scale} random sets`, () => {
    for (let seed = 0; seed < 20 * scale; seed++) {
      const set = randomVoc(seed);
      const at = Array.from(IOU_THRESHOLDS, (iouThreshold) =>
        plainVoc(set, { metric: "area", convention: VOC_CONVENTIONS.gluoncv, iouThreshold }),
      );
      const { map, ap50, ap75, classes } = evaluate("retinanet", set.truth, set.found, { classes: set.classes });
      expectSame([map, ap50!, ap75!], [average(at.map(average)), average(at[0]!), average(at[5]!)], `random set ${seed}`);
      for (const [c, one] of classes.entries()) {
        expectSame([one.ap, one.ap50!, one.ap75!], [average(at.map((aps) => aps[c]!)), at[0]![c]!, at[5]![c]!], `random set ${seed}`);
      }
      expect(evaluate("voc", set.truth, set.found, { classes: set.classes }).map).toBe(ap50);
    }
  });

  test("the protocols differ where the originals do", () => {
    const truth = [{ image: 1, boxes: Float64Array.of(0, 0, 10, 10), labels: [1] }];
    const half = [{ ...truth[0]!, boxes: Float64Array.of(0, 0, 10, 5), scores: [0.5] }]; // IoU ½; 6 / 11 where x2 and y2 are inside
    const map = (protocol: Protocol) => evaluate(protocol, truth, half, { classes: ["cat"] }).map;
    expect(["voc07", "voc", "jetson-voc07", "jetson-voc"].map((protocol) => map(protocol as Protocol))).toEqual([
      expect.closeTo(1, 12),
      1,
      0,
      0,
    ]);
    expect(map("retinanet")).toBeCloseTo(0.1, 12); // at 0.50 alone
  });

  test("an undefined precision does not spoil the 11-point mean unless asked to", () => {
    const truth = [{ image: 1, boxes: Float64Array.of(0, 0, 9, 9, 50, 50, 90, 90), labels: [1, 1], flags: [DIFFICULT, 0] }];
    const found = [{ ...truth[0]!, scores: [0.9, 0.8] }]; // the difficult one comes first
    for (const convention of Object.values(VOC_CONVENTIONS)) {
      expect(evaluate("voc07", truth, found, { classes: ["cat"], convention }).map).toBeCloseTo(1, 12);
      const spoiled = { ...convention, undefinedPrecision: Number.NaN };
      expect(evaluate("voc07", truth, found, { classes: ["cat"], convention: spoiled }).map).toBeNaN();
      expect(evaluate("voc", truth, found, { classes: ["cat"], convention: spoiled }).map).toBe(1);
    }
  });

  test("the result says what was measured", () => {
    const truth = [{ image: 1, boxes: Float64Array.of(0, 0, 9, 9), labels: [2] }];
    const found = [{ image: 1, boxes: Float64Array.of(0, 0, 9, 5, 0, 0, 9, 8), labels: [2, 2], scores: [0.5, 0.4] }];
    expect(evaluate("voc", truth, found, { classes: ["cat", "dog"], iouThreshold: 0.7 })).toEqual({
      protocol: "voc",
      map: 0.5,
      iouThreshold: 0.7,
      classes: [
        { name: "cat", ap: null, groundTruth: 0, detections: 0 },
        { name: "dog", ap: 0.5, groundTruth: 1, detections: 2 },
      ],
      images: 1,
    });
  });
});

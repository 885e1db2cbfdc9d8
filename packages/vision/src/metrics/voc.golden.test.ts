import { expectClose, golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { below, between, randomOf } from "../random.js";
import { CROWD, DIFFICULT } from "../sample.js";
import {
  averagePrecision,
  elevenPointPrecision,
  evaluate,
  evaluateVoc,
  type GroundTruth,
  type ImageDetections,
  VOC_CONVENTIONS,
  type VocConvention,
  type VocOptions,
} from "./index.js";

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

/** Random pictures with difficult objects and crowds; no two scores are equal. */
function randomSet(seed: number) {
  const draw = randomOf(seed);
  const box = () => {
    const [x, y] = [between(draw, 0, 60), between(draw, 0, 60)];
    return [x, y, x + between(draw, 5, 60), y + between(draw, 5, 60)];
  };
  const rows = (n: number) => ({
    boxes: Float64Array.from(Array.from({ length: n }, box).flat()),
    labels: Array.from({ length: n }, () => 1 + below(draw, 3)),
  });
  const truth = Array.from({ length: 4 }, (_, image): GroundTruth => {
    const n = below(draw, 7);
    return { image, ...rows(n), flags: Array.from({ length: n }, () => [0, 0, 0, DIFFICULT, CROWD][below(draw, 5)]!) };
  });
  const found = truth.map(({ image }): ImageDetections => {
    const n = below(draw, 12);
    return { image, ...rows(n), scores: Array.from({ length: n }, draw) };
  });
  return { truth, found };
}

/** The definition, with objects and plain loops: the mean AP in the development kit's convention. */
function plainVoc({ truth, found }: ReturnType<typeof randomSet>, metric: VocOptions["metric"]): number {
  const perClass = [1, 2, 3].flatMap((label) => {
    const box = (boxes: ArrayLike<number>, i: number) =>
      Array.from({ length: 4 }, (_, c) => boxes[4 * i + c]! + (c > 1 ? 1 : 0)) as [number, number, number, number];
    const objects = truth.flatMap(({ image, boxes, labels, flags }) =>
      Array.from(labels, (l, i) => ({ image, l, hard: flags![i]! > 0, used: false, box: box(boxes, i) })).filter(({ l }) => l === label),
    );
    const wanted = objects.filter(({ hard }) => !hard).length;
    if (wanted === 0) return [];
    const guesses = found
      .flatMap(({ image, boxes, labels, scores }) => Array.from(labels, (l, i) => ({ image, l, score: scores[i]!, box: box(boxes, i) })))
      .filter(({ l }) => l === label)
      .sort((a, b) => b.score - a.score);
    let [right, wrong] = [0, 0];
    const points = guesses.map((guess) => {
      const near = objects.filter(({ image }) => image === guess.image).sort((a, b) => iou(b.box, guess.box) - iou(a.box, guess.box))[0];
      const hit = near && iou(near.box, guess.box) >= 0.5 ? near : undefined;
      if (!hit?.hard) hit && !hit.used ? right++ : wrong++;
      if (hit) hit.used = true;
      return { recall: right / wanted, precision: right === 0 ? 0 : right / (right + wrong) };
    });
    const best = (recall: number) => Math.max(0, ...points.filter((point) => point.recall >= recall).map(({ precision }) => precision));
    const levels =
      metric === "area" ? Array.from({ length: wanted }, (_, i) => (i + 1) / wanted) : Array.from({ length: 11 }, (_, i) => i * 0.1); // each object found adds 1 / wanted of recall
    return [levels.map(best).reduce((a, b) => a + b, 0) / levels.length];
  });
  return perClass.reduce((a, b) => a + b, 0) / perClass.length;
}

function iou([x1, y1, x2, y2]: [number, number, number, number], [u1, v1, u2, v2]: [number, number, number, number]): number {
  const common = Math.max(0, Math.min(x2, u2) - Math.max(x1, u1)) * Math.max(0, Math.min(y2, v2) - Math.max(y1, v1));
  return common / ((x2 - x1) * (y2 - y1) + (u2 - u1) * (v2 - v1) - common);
}

describe("laws of the evaluation", () => {
  test(`it is the definition, on ${100 * scale} random sets`, () => {
    for (let seed = 0; seed < 100 * scale; seed++) {
      const set = randomSet(seed);
      for (const [, metric] of metrics) {
        const { map } = evaluateVoc(set.truth, set.found, { classes: ["a", "b", "c"], metric });
        expectClose([map ?? Number.NaN], [plainVoc(set, metric)], { atol: 1e-12, name: `${metric}, random set ${seed}` });
      }
    }
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

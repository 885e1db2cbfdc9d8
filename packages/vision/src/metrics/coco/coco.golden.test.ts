import { expectClose, golden, goldenNames } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { DIFFICULT } from "../../sample.js";
import { evaluate, evaluateCoco, fromCocoJson, IOU_THRESHOLDS, meanPrecision, meanRecall, PROTOCOLS, type Protocol } from "../index.js";
import { plainCoco } from "../testing/plain-coco.js";
import { randomCoco } from "../testing/random-coco.js";

const names = goldenNames("metrics").flatMap((name) => (name.endsWith(".gt") ? [name.slice(0, -".gt".length)] : []));
const scale = Number(process.env.FUZZ_SCALE ?? 1);

describe.each(names)("pycocotools' numbers of %s", (name) => {
  const theirs = golden(name);
  const { groundTruth, detections, classes } = fromCocoJson(golden(`${name}.gt`), golden(`${name}.dt`));
  const ours = evaluateCoco(groundTruth, detections, { classes });
  const { precision, recall, scores } = ours.curves;

  test("the twelve numbers and those of each class, in every bit", () => {
    expect(ours.stats).toEqual(theirs.stats.map(([, value]: [string, number]) => value));
    const perClass = classes.map((_, label) => [
      ours.classes[label]!.ap ?? -1,
      ours.classes[label]!.ap50 ?? -1,
      meanPrecision(ours.curves, { label, iou: 0.75 }) ?? -1,
      meanRecall(ours.curves, { label }) ?? -1,
    ]);
    expect(perClass).toEqual(theirs.per_category.map((row: number[]) => row.slice(1)));
  });

  test("the curves", () => {
    expect([...IOU_THRESHOLDS]).toEqual(theirs.iou_thresholds);
    const { shape, valid, sum, sum_by_iou, sum_by_area, idx, val } = theirs.precision;
    expect(precision.length).toBe(shape.reduce((a: number, b: number) => a * b, 1));
    expect(Array.from(idx as number[], (i) => precision[i])).toEqual(val);
    const [, R, K, A, M] = shape;
    const listed = [...precision]
      .map((value, i) => ({ value, t: Math.floor(i / (R * K * A * M)), a: Math.floor(i / M) % A }))
      .filter(({ value }) => value > -1);
    const total = (some: { value: number }[]) => some.reduce((all, { value }) => all + value, 0);
    expect(listed.length).toBe(valid);
    expectClose([total(listed)], [sum], { rtol: 1e-9 });
    expectClose(
      sum_by_iou.map((_: number, t: number) => total(listed.filter((one) => one.t === t))),
      sum_by_iou,
      { rtol: 1e-9 },
    );
    expectClose(
      sum_by_area.map((_: number, a: number) => total(listed.filter((one) => one.a === a))),
      sum_by_area,
      { rtol: 1e-9 },
    );
    expectClose([positive(scores)], [theirs.scores.sum], { rtol: 1e-9 });
    expect(recall.filter((value) => value > -1).length).toBe(theirs.recall.valid);
    expectClose([positive(recall)], [theirs.recall.sum], { rtol: 1e-9 });
  });
});

const positive = (values: Float64Array) => values.reduce((total, value) => total + Math.max(value, 0), 0);

describe("laws of the evaluation", () => {
  test(`it is the definition, on ${100 * scale} random sets`, () => {
    for (let seed = 0; seed < 100 * scale; seed++) {
      const set = randomCoco(seed);
      const { groundTruth, detections, classes } = fromCocoJson(set.annotations, set.detections);
      expectClose(evaluateCoco(groundTruth, detections, { classes }).stats, plainCoco(set), { atol: 1e-12, name: `random set ${seed}` });
    }
  });

  test("the order of the detections' pictures does not matter, nor does a picture without detections", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { annotations, detections } = randomCoco(seed);
      const set = fromCocoJson(annotations, detections);
      const mixed = set.detections.filter(({ labels }) => labels.length > 0).reverse();
      expect(evaluate("coco", set.groundTruth, mixed, set)).toEqual(evaluate("coco", set.groundTruth, set.detections, set));
    }
  });

  test("a difficult object is neither to be found nor wrong when found, in every protocol", () => {
    const truth = [{ image: 1, boxes: Float64Array.of(0, 0, 40, 40, 100, 100, 140, 140), labels: [1, 1], flags: [0, DIFFICULT] }];
    for (const protocol of Object.keys(PROTOCOLS) as Protocol[]) {
      const both = evaluate(protocol, truth, [{ ...truth[0]!, scores: [0.8, 0.9] }], { classes: ["cat"] });
      const easy = evaluate(protocol, truth, [{ image: 1, boxes: Float64Array.of(0, 0, 40, 40), labels: [1], scores: [0.8] }], {
        classes: ["cat"],
      });
      expect([both.map, easy.map, both.classes[0]!.groundTruth], protocol).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12), 1]);
    }
  });

  test("the ground truth as detections is perfect; no detections are zero; nothing to find is null", () => {
    const truth = [
      { image: "a", boxes: Float32Array.of(0, 0, 10, 10, 20, 20, 60, 60), labels: [1, 2] },
      { image: "b", boxes: new Float32Array(), labels: [] },
    ];
    const classes = ["cat", "dog", "owl"];
    const perfect = evaluate("coco", truth, [{ ...truth[0]!, scores: [0.9, 0.8] }], { classes });
    expect(perfect.map).toBeCloseTo(1, 12);
    expect(perfect.images).toBe(2);
    expect(perfect.classes.map(({ name, groundTruth, detections }) => [name, groundTruth, detections])).toEqual([
      ["cat", 1, 1],
      ["dog", 1, 1],
      ["owl", 0, 0],
    ]);
    expect(perfect.classes[2]).toMatchObject({ ap: null, ap50: null });
    expect(evaluate("coco", truth, [], { classes })).toMatchObject({ map: 0, ap50: 0, ap75: 0 });
    expect(evaluate("coco", truth.slice(1), [], { classes })).toMatchObject({ map: null, ap50: null, coco: new Array(12).fill(null) });
    expect(evaluate("coco", [], [], { classes: [] })).toMatchObject({ map: null, classes: [], images: 0 });
  });
});

import { expectClose, expectRecord, golden, type InputRecipe, type StatisticRecord } from "@singleshot/testing";
import { scope, type Tensor, tensor } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { anchorTable, BACKGROUND, boxCoder, IGNORED, matcher } from "../boxes/index.js";
import { detectorSchemaPart } from "../recipes/index.js";
import { anchorTensors } from "../testing/golden-anchors.js";
import { goldenTensor, groundTruth, numbers } from "../testing/golden-detector.js";
import { focalLoss, lossOf, type Targets, targetsFor } from "./index.js";

type LossInput = Parameters<typeof detectorSchemaPart.loss.parse>[0];
const lossFrom = (options: LossInput, scores: "sigmoid" | "sigmoid-with-background") =>
  lossOf({ loss: detectorSchemaPart.loss.parse(options), scores }, []);
const gradientTolerance = { tol: 2e-6, sumTol: 1e-6 };

describe("focal loss and its gradient equal torchvision's", () => {
  interface Case {
    alpha: number;
    gamma: number;
    input: InputRecipe;
    target_ones: [row: number, column: number][];
    value: StatisticRecord;
    grad: StatisticRecord;
    sum: number;
  }
  const { cases, extremes } = golden("losses/sigmoid_focal_loss") as {
    cases: Case[];
    extremes: { input: number[][]; target: number[][]; alpha: number; gamma: number; value: number[][]; grad: number[][] };
  };

  /** Ours takes one class an anchor: every element as an anchor of its own with one class, so that elements can be compared. */
  function elements(input: Tensor, isOne: (row: number, column: number) => boolean, options: { alpha: number; gamma: number }) {
    const [rows = 0, columns = 0] = input.shape;
    const ones = Array.from({ length: rows * columns }, (_, i) => isOne(Math.floor(i / columns), i % columns));
    const labels = tensor(
      BigInt64Array.from(ones, (one) => (one ? 1n : 0n)),
      { shape: [1, rows * columns] },
    );
    const logits = input.reshape([1, rows * columns, 1]);
    const matches = labels.sub(1);
    const { values } = focalLoss(options, 1)(logits, { matches, labels, boxes: logits, deltas: logits });
    return values.view([rows, columns]);
  }

  test.each(cases)("α $alpha, γ $gamma", ({ alpha, gamma, input, target_ones, value, grad, sum }) => {
    scope(() => {
      const x = goldenTensor(input);
      x.requiresGrad = true;
      const ours = elements(x, (row, column) => target_ones.some(([r, c]) => r === row && c === column), { alpha, gamma });
      expectRecord(numbers(ours), ours.shape, value, { tol: 2e-6, name: "values" });
      expectClose([ours.sum().item()], [sum], { rtol: 2e-6 });
      ours.sum().backward();
      expectRecord(numbers(x.grad!), x.shape, grad, { ...gradientTolerance, name: "gradient" });
    });
  });

  test("also where logits are saturated", () => {
    scope(() => {
      const x = tensor(extremes.input);
      x.requiresGrad = true;
      const ours = elements(x, (row, column) => extremes.target[row]![column] === 1, extremes);
      expectClose(ours.toTypedArray<"float32">(), extremes.value, { atol: 1e-5, name: "values" });
      ours.sum().backward();
      expectClose(x.grad!.toTypedArray<"float32">(), extremes.grad, { atol: 1e-6, name: "gradient" });
    });
  });

  test("a row of many classes is the sum of its elements, and an ignored anchor does not count", () => {
    const logits = tensor([
      [
        [1, -2, 3],
        [0.5, 0, -1],
        [2, 2, 2],
      ],
    ]);
    const labels = tensor(BigInt64Array.of(2n, 0n, 0n), { shape: [1, 3] });
    const matches = tensor(BigInt64Array.of(0n, BigInt(BACKGROUND), BigInt(IGNORED)), { shape: [1, 3] });
    const { values, counted } = focalLoss({}, 1)(logits, { matches, labels, boxes: logits, deltas: logits });
    const term = (x: number, one: boolean) => {
      const p = 1 / (1 + Math.exp(-x));
      return one ? -0.25 * (1 - p) ** 2 * Math.log(p) : -0.75 * p ** 2 * Math.log(1 - p);
    };
    const rows = [term(1, false) + term(-2, true) + term(3, false), term(0.5, false) + term(0, false) + term(-1, false)];
    expectClose([...values.toTypedArray<"float32">()].slice(0, 2), rows, { rtol: 1e-5 });
    expect([...counted.toTypedArray<"bool">()].map(Boolean)).toEqual([true, true, false]);
  });
});

describe("RetinaNet's loss equals torchvision's", () => {
  interface Case {
    name: string;
    regression: "l1" | "giou" | "smooth_l1";
    cls_logits: InputRecipe;
    bbox_regression: InputRecipe;
    targets: { boxes: number[][]; labels: number[] }[];
    foreground: [anchor: number, target: number][][];
    ignored: number[][];
    losses: { classification: number; bbox_regression: number };
    grad_cls_logits: StatisticRecord;
    grad_bbox_regression: StatisticRecord;
  }
  const { cases, anchors: theirAnchors } = golden("losses/retinanet_compute_loss") as { cases: Case[]; anchors: StatisticRecord };
  const sizes = [
    [32, 40, 50],
    [64, 80, 101],
  ];
  const levels = sizes.map((own) => ({
    shapes: [0.5, 1, 2].flatMap((ratio) => own.map((size): [number, number] => [size / Math.sqrt(ratio), size * Math.sqrt(ratio)])),
    step: "floor" as const,
  }));
  const grids = [
    { height: 16, width: 20 },
    { height: 8, width: 10 },
  ];
  const options = detectorSchemaPart.anchors.parse({ unit: "pixel", center: 0, round: true, levels });
  const table = anchorTable(options, grids, { height: 128, width: 160 });
  const rules = {
    matcher: matcher(detectorSchemaPart.matcher.parse({ background: 0.4, claim: "ties" })),
    coder: boxCoder(detectorSchemaPart.coder.parse({ weights: [1, 1, 1, 1], maxLogScale: Math.log(1000 / 16) })),
  };
  const names = { l1: "l1", giou: "giou", smooth_l1: "smooth-l1" } as const;

  test("the anchors are the golden file's", () => {
    expectRecord(table.xyxy, [table.xyxy.length / 4, 4], theirAnchors, { tol: 2e-6 });
  });

  test.each(cases)("$name", (theirs) => {
    const anchors = anchorTensors(table);
    const targets = targetsFor(anchors, groundTruth(theirs.targets), rules);
    const A = table.xyxy.length / 4;
    const matches = [...targets.matches.toTypedArray<"int64">()].map(Number);
    const rows = theirs.targets.map((_, n) => [...matches.slice(n * A, (n + 1) * A).entries()]);
    expect(rows.map((row) => row.filter(([, match]) => match > BACKGROUND))).toEqual(theirs.foreground);
    expect(rows.map((row) => row.filter(([, match]) => match === IGNORED).map(([anchor]) => anchor))).toEqual(theirs.ignored);

    const [logits, deltas] = [goldenTensor(theirs.cls_logits), goldenTensor(theirs.bbox_regression)];
    logits.requiresGrad = true;
    deltas.requiresGrad = true;
    const loss = lossFrom(
      { classification: { name: "focal" }, regression: { name: names[theirs.regression] }, normalizer: "image" },
      "sigmoid-with-background",
    );
    const { classification, regression } = loss({ logits, deltas }, targets, { anchors, coder: rules.coder });
    const expected = [theirs.losses.classification, theirs.losses.bbox_regression];
    expectClose([classification.item(), regression.item()], expected, { rtol: 2e-6 });
    scope(() => classification.add(regression).backward());
    expectRecord(numbers(logits.grad!), logits.shape, theirs.grad_cls_logits, { ...gradientTolerance, name: "gradient of the logits" });
    expectRecord(numbers(deltas.grad!), deltas.shape, theirs.grad_bbox_regression, {
      ...(theirs.regression === "giou" ? { tol: 1e-5 } : gradientTolerance),
      name: "gradient of the deltas",
    });
  });
});

describe("the RetinaNet tutorial's loss", () => {
  interface Case {
    name: string;
    factor_reg: number;
    cls: InputRecipe;
    reg: InputRecipe;
    reg_targets: InputRecipe;
    cls_targets: { length: number; default: number; entries: [number, number][] }[];
    losses: { class: number; total: number };
    grad_cls: StatisticRecord;
    grad_reg: StatisticRecord;
  }
  const { cases } = golden("losses/retinanet_scratch_focal") as { cases: Case[] };

  function targetsOf(theirs: Case): Targets {
    const rows = theirs.cls_targets.map(({ length, default: other, entries }) => {
      const row = new Array<number>(length).fill(other);
      for (const [index, target] of entries) row[index] = target;
      return row;
    });
    const int64 = (values: number[][]) => tensor(BigInt64Array.from(values.flat(), BigInt), { shape: [rows.length, rows[0]!.length] });
    const deltas = goldenTensor(theirs.reg_targets);
    return {
      matches: int64(rows.map((row) => row.map((target) => (target > 0 ? 0 : target === 0 ? BACKGROUND : IGNORED)))),
      labels: int64(rows.map((row) => row.map((target) => Math.max(target, 0)))),
      deltas,
      boxes: deltas,
    };
  }

  test.each(cases)("$name", (theirs) => {
    const [logits, deltas] = [goldenTensor(theirs.cls), goldenTensor(theirs.reg)];
    logits.requiresGrad = true;
    deltas.requiresGrad = true;
    const loss = lossFrom({ classification: { name: "focal" }, regression: { name: "smooth-l1", weight: theirs.factor_reg } }, "sigmoid");
    const frame = { anchors: { xyxy: deltas, cxcywh: deltas }, coder: boxCoder(detectorSchemaPart.coder.parse({})) };
    const { classification, regression } = loss({ logits, deltas }, targetsOf(theirs), frame);
    const ours = [classification.item(), classification.item() + regression.item()];
    expectClose(ours, [theirs.losses.class, theirs.losses.total], { rtol: 2e-6 });
    scope(() => classification.add(regression).backward());
    expectRecord(numbers(logits.grad!), logits.shape, theirs.grad_cls, { ...gradientTolerance, name: "gradient of the logits" });
    expectRecord(numbers(deltas.grad!), deltas.shape, theirs.grad_reg, { ...gradientTolerance, name: "gradient of the deltas" });
  });
});

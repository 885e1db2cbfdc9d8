import { expectClose, expectRecord, golden, type InputRecipe, type StatisticRecord } from "@singleshot/testing";
import { fromBuffer, ops, scope, type Tensor, tensor } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { anchorTable, BACKGROUND, boxCoder, matcher } from "../boxes/index.js";
import { detectorSchemaPart } from "../recipes/index.js";
import { anchorTensors } from "../testing/golden-anchors.js";
import { goldenTensor, groundTruth, numbers } from "../testing/golden-detector.js";
import { hardNegatives, lossOf, type Targets, targetsFor } from "./index.js";

type LossInput = Parameters<typeof detectorSchemaPart.loss.parse>[0];

const ssd = { matcher: matcher(detectorSchemaPart.matcher.parse({})), coder: boxCoder(detectorSchemaPart.coder.parse({})) };

/** Both losses and their gradients on given answers. */
function answered(loss: LossInput, logits: Tensor, deltas: Tensor, targets: Targets) {
  logits.requiresGrad = true;
  deltas.requiresGrad = true;
  const frame = { anchors: { xyxy: logits, cxcywh: logits }, coder: ssd.coder }; // these losses look at deltas alone
  const losses = lossOf({ loss: detectorSchemaPart.loss.parse(loss), scores: "softmax" }, [])({ logits, deltas }, targets, frame);
  scope(() => losses.classification.add(losses.regression).backward());
  return { classification: losses.classification.item(), regression: losses.regression.item(), logits: logits.grad!, deltas: deltas.grad! };
}

type Gradient = StatisticRecord;
const tolerance = { tol: 2e-6, sumTol: 1e-6 };
function expectGradient(ours: Tensor, theirs: Gradient | null, name: string): void {
  if (theirs === null)
    expect(ours.abs().sum().item()).toBe(0); // the original has none: nothing depends on it
  else expectRecord(numbers(ours), ours.shape, theirs, { ...tolerance, name });
}

/** [N, A] from rows of [index, label]. */
function labelTable(rows: readonly (readonly [number, number])[][], A: number): Tensor {
  const labels = new BigInt64Array(rows.length * A);
  rows.forEach((row, n) => {
    for (const [index, label] of row) labels[n * A + index] = BigInt(label);
  });
  return fromBuffer(labels, [rows.length, A]);
}

/** Targets that are given as labels and deltas. */
function targetsOf(labels: Tensor, deltas: Tensor): Targets {
  const matches = labels.gt(0).to("int64").sub(1); // any box where there is one
  return { matches, labels, deltas, boxes: deltas };
}

function selected(loss: Tensor, labels: Tensor, options: Parameters<typeof hardNegatives>[2]): number[][] {
  const [N = 0, A = 0] = labels.shape;
  const chosen = scope(() => hardNegatives(loss, { foreground: labels.gt(0), background: labels.eq(0) }, options)).toTypedArray<"bool">();
  return Array.from({ length: N }, (_, n) => [...chosen.subarray(n * A, (n + 1) * A).keys()].filter((a) => chosen[n * A + a]));
}

const crossEntropyOf = (logits: Tensor, labels: Tensor) =>
  scope(() => ops.crossEntropyLoss(logits.transpose(1, 2), labels, { reduction: "none" }));

describe("the SSD loss equals torchvision's", () => {
  interface Case {
    name: string;
    neg_to_pos_ratio: number;
    cls_logits: InputRecipe;
    bbox_regression: InputRecipe;
    targets: { boxes: number[][]; labels: number[] }[];
    matched: [anchor: number, target: number][][];
    selected_negatives: number[][];
    losses: { bbox_regression: number; classification: number };
    grad_cls_logits: Gradient;
    grad_bbox_regression: Gradient;
  }
  const { cases, anchors: theirAnchors } = golden("losses/ssd_compute_loss") as { cases: Case[]; anchors: StatisticRecord };
  const levels = [
    { scale: 0.2, nextScale: 0.45, ratios: [2], step: 16 },
    { scale: 0.45, nextScale: 0.8, ratios: [2, 3], step: 32 },
  ];
  const grids = [8, 4].map((side) => ({ height: side, width: side }));
  const values = anchorTable(detectorSchemaPart.anchors.parse({ levels, clip: "sizes" }), grids, { height: 128, width: 128 });
  const anchors = anchorTensors(values);

  test("the anchors are the golden file's", () => {
    expectRecord(values.xyxy, anchors.xyxy.shape, theirAnchors, { tol: 2e-6 });
  });

  test.each(cases)("$name", (theirs) => {
    const negativesPerPositive = theirs.neg_to_pos_ratio;
    const targets = targetsFor(anchors, groundTruth(theirs.targets), ssd);
    const A = anchors.xyxy.shape[0]!;
    const matches = [...targets.matches.toTypedArray<"int64">()].map(Number);
    const pairs = theirs.targets.map((_, n) => [...matches.slice(n * A, (n + 1) * A).entries()].filter(([, m]) => m !== BACKGROUND));
    expect(pairs).toEqual(theirs.matched);
    const logits = goldenTensor(theirs.cls_logits);
    const loss = crossEntropyOf(logits, targets.labels);
    expect(selected(loss, targets.labels, { negativesPerPositive })).toEqual(theirs.selected_negatives);
    const classification = { name: "cross-entropy", negativesPerPositive } as const;
    const ours = answered({ classification }, logits, goldenTensor(theirs.bbox_regression), targets);
    const { bbox_regression, classification: theirClassification } = theirs.losses;
    expectClose([ours.regression, ours.classification], [bbox_regression, theirClassification], { rtol: 2e-6 });
    expectGradient(ours.logits, theirs.grad_cls_logits, "gradient of the logits");
    expectGradient(ours.deltas, theirs.grad_bbox_regression, "gradient of the deltas");
  });
});

describe("the SSD loss equals pytorch-ssd's", () => {
  interface Case {
    name: string;
    confidence: InputRecipe;
    locations: InputRecipe;
    gt_locations: InputRecipe;
    labels: [number, number][][];
    selected: number[][];
    losses: { regression: number; classification: number };
    grad_confidence: Gradient;
    grad_locations: Gradient;
  }
  const { cases, hard_negative_mining } = golden("losses/pytorch_ssd_multibox") as {
    cases: Case[];
    hard_negative_mining: { neg_pos_ratio: number; loss: number[][]; labels: number[][]; mask: number[][] }[];
  };

  test.each(cases)("$name", (theirs) => {
    const logits = goldenTensor(theirs.confidence);
    const labels = labelTable(theirs.labels, logits.shape[1]!);
    const counted = selected(crossEntropyOf(logits, labels), labels, { negativesPerPositive: 3 }).map((negatives, n) =>
      [...negatives, ...theirs.labels[n]!.map(([index]) => index)].sort((a, b) => a - b),
    );
    expect(counted).toEqual(theirs.selected);
    const ours = answered(
      { classification: { name: "cross-entropy" } },
      logits,
      goldenTensor(theirs.locations),
      targetsOf(labels, goldenTensor(theirs.gt_locations)),
    );
    expectClose([ours.regression, ours.classification], [theirs.losses.regression, theirs.losses.classification], { rtol: 2e-6 });
    expectGradient(ours.logits, theirs.grad_confidence, "gradient of the logits");
    expectGradient(ours.deltas, theirs.grad_locations, "gradient of the deltas");
  });

  test.each(hard_negative_mining)("its mining alone, $neg_pos_ratio to 1", ({ neg_pos_ratio, loss, labels, mask }) => {
    const table = labelTable(
      labels.map((row) => [...row.entries()] as [number, number][]),
      labels[0]!.length,
    );
    const negatives = selected(tensor(loss), table, { negativesPerPositive: neg_pos_ratio });
    const ours = labels.map((row, n) => row.map((label, a) => Number(label > 0 || negatives[n]!.includes(a))));
    expect(ours).toEqual(mask);
  });
});

describe("the SSD loss equals GluonCV's", () => {
  interface Case {
    name: string;
    negative_mining_ratio: number;
    rho: number;
    lambd: number;
    min_hard_negatives: number;
    cls_pred: InputRecipe;
    box_pred: InputRecipe;
    box_target: InputRecipe;
    cls_target: [number, number][][];
    hard_negatives: number[][];
    cls_loss: number[];
    box_loss: number[];
    sum_loss: number[];
    grad_cls_pred: Gradient;
    grad_box_pred: Gradient;
  }
  const { cases } = golden("losses/gluoncv_ssd_multibox") as { cases: Case[] };
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

  test.each(cases)("$name", (theirs) => {
    const { negative_mining_ratio: negativesPerPositive, rho, lambd, min_hard_negatives: minNegatives } = theirs;
    const logits = goldenTensor(theirs.cls_pred);
    const labels = labelTable(theirs.cls_target, logits.shape[1]!);
    const mining = { negativesPerPositive, minNegatives };
    expect(selected(crossEntropyOf(logits, labels), labels, mining)).toEqual(theirs.hard_negatives);
    const ours = answered(
      { classification: { name: "cross-entropy", ...mining }, regression: { name: "smooth-l1", beta: rho, weight: lambd } },
      logits,
      goldenTensor(theirs.box_pred),
      targetsOf(labels, goldenTensor(theirs.box_target)),
    );
    expectClose([ours.classification, ours.regression], [sum(theirs.cls_loss), lambd * sum(theirs.box_loss)], { rtol: 2e-6 });
    expectClose([ours.classification + ours.regression], [sum(theirs.sum_loss)], { rtol: 2e-6 });
    expectGradient(ours.logits, theirs.grad_cls_pred, "gradient of the logits");
    expectGradient(ours.deltas, theirs.grad_box_pred, "gradient of the deltas");
  });
});

describe("the SSD loss equals MobileSparrow's", () => {
  interface Case {
    name: string;
    regression: "smoothl1" | "l1";
    alpha: number;
    neg_pos_ratio: number;
    cls_logits: InputRecipe;
    bbox_deltas: InputRecipe;
    targets: { boxes: number[][]; labels: number[] }[];
    losses: { class: number; box: number; total: number };
    grad_cls_logits: Gradient;
    grad_bbox_deltas: Gradient | null;
  }
  const { cases } = golden("losses/sparrow_ssd_loss") as { cases: Case[] };
  const shapes = (side: number) =>
    [1, 2, 0.5].flatMap((ratio) =>
      [1, 1.26].map((scale): [number, number] => [side * scale * Math.sqrt(ratio), (side * scale) / Math.sqrt(ratio)]),
    );
  const levels = [8 / 64, 16 / 64].map((share) => ({ shapes: shapes(share), step: share })); // relative, as the original computes
  const grids = [8, 4].map((side) => ({ height: side, width: side }));
  const anchors = anchorTensors(
    anchorTable(detectorSchemaPart.anchors.parse({ levels, keeps: "centers" }), grids, { height: 1, width: 1 }),
  );
  const rules = {
    matcher: matcher(detectorSchemaPart.matcher.parse({ background: 0.4, backgroundInclusive: true })),
    coder: boxCoder(detectorSchemaPart.coder.parse({ minSide: 1e-6 })),
    iouEpsilon: 1e-9,
  };

  test.each(cases)("$name", (theirs) => {
    const truth = groundTruth(theirs.targets.map(({ boxes, labels }) => ({ boxes, labels: labels.map((label) => label + 1) })));
    const ours = answered(
      {
        classification: { name: "cross-entropy", negativesPerPositive: theirs.neg_pos_ratio, negativesWithoutPositives: 64 },
        regression: { name: theirs.regression === "l1" ? "l1" : "smooth-l1", weight: theirs.alpha },
        normalizer: "mean",
      },
      goldenTensor(theirs.cls_logits),
      goldenTensor(theirs.bbox_deltas),
      targetsFor(anchors, truth, rules),
    );
    expectClose([ours.classification, ours.regression], [theirs.losses.class, theirs.alpha * theirs.losses.box], { rtol: 2e-6 });
    expectGradient(ours.logits, theirs.grad_cls_logits, "gradient of the logits");
    expectGradient(ours.deltas, theirs.grad_bbox_deltas, "gradient of the deltas");
  });
});

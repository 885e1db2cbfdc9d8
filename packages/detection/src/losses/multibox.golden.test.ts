import { expectClose, expectRecord, golden, type InputRecipe, type StatisticRecord } from "@singleshot/testing";
import { fromBuffer, ops, scope } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { BACKGROUND, deltaCoder, ssdAnchors, ssdMatcher } from "../boxes/index.js";
import { goldenTensor, groundTruth, numbers } from "../testing/golden-detector.js";
import { hardNegatives, multiboxLoss } from "./index.js";
import { targetsFor } from "./targets.js";

interface LossCase {
  name: string;
  num_classes: number;
  neg_to_pos_ratio: number;
  cls_logits: InputRecipe;
  bbox_regression: InputRecipe;
  targets: { boxes: number[][]; labels: number[] }[];
  matched: [anchor: number, target: number][][];
  selected_negatives: number[][];
  losses: { bbox_regression: number; classification: number };
  grad_cls_logits: StatisticRecord;
  grad_bbox_regression: StatisticRecord;
}

const { cases, anchors: theirAnchors } = golden("losses/ssd_compute_loss") as { cases: LossCase[]; anchors: StatisticRecord };

/** The anchors that the golden file's note describes. */
const levels = [
  { scale: 0.2, nextScale: 0.45, ratios: [2], step: 16 },
  { scale: 0.45, nextScale: 0.8, ratios: [2, 3], step: 32 },
];
const grids = [
  { height: 8, width: 8 },
  { height: 4, width: 4 },
];
const values = ssdAnchors(levels, grids, { height: 128, width: 128 });
const anchors = fromBuffer(values, [values.length / 4, 4]);

test("the anchors are the golden file's", () => {
  expectRecord(values, anchors.shape, theirAnchors, { tol: 2e-6 });
});

describe.each(cases)("the SSD loss equals torchvision's: $name", (golden) => {
  const negativesPerPositive = golden.neg_to_pos_ratio;
  const truth = groundTruth(golden.targets);
  const targets = targetsFor(anchors, truth, { matcher: ssdMatcher(), coder: deltaCoder({ weights: [10, 10, 5, 5] }) });
  const logits = goldenTensor(golden.cls_logits);
  const deltas = goldenTensor(golden.bbox_regression);
  logits.requiresGrad = true;
  deltas.requiresGrad = true;

  test("matches and chosen negatives", () => {
    const A = anchors.shape[0]!;
    const matches = [...targets.matches.toTypedArray<"int64">()].map(Number);
    const pairs = golden.targets.map((_, n) =>
      [...matches.slice(n * A, (n + 1) * A).entries()].filter(([, match]) => match !== BACKGROUND),
    );
    expect(pairs).toEqual(golden.matched);
    const chosen = scope(() => {
      const loss = ops.crossEntropyLoss(logits.transpose(1, 2), targets.labels, { reduction: "none" });
      return hardNegatives(loss, targets.matches.gt(BACKGROUND), { negativesPerPositive }).toTypedArray<"bool">();
    });
    const selected = golden.targets.map((_, n) =>
      [...chosen.subarray(n * A, (n + 1) * A).entries()].filter(([, on]) => on).map(([anchor]) => anchor),
    );
    expect(selected).toEqual(golden.selected_negatives);
  });

  test("losses and gradients", () => {
    const { classification, regression } = multiboxLoss({ negativesPerPositive })({ logits, deltas }, targets);
    expectClose([regression.item(), classification.item()], [golden.losses.bbox_regression, golden.losses.classification], { rtol: 2e-6 });
    scope(() => classification.add(regression).backward());
    expectRecord(numbers(logits.grad!), logits.shape, golden.grad_cls_logits, { tol: 2e-6, sumTol: 1e-6, name: "gradient of the logits" });
    expectRecord(numbers(deltas.grad!), deltas.shape, golden.grad_bbox_regression, {
      tol: 2e-6,
      sumTol: 1e-6,
      name: "gradient of the deltas",
    });
  });
});

import { fuzzCount } from "@singleshot/testing";
import { scope, type Tensor, tensor } from "@singleshot/torch";
import { checkGradient } from "@singleshot/torch/testing";
import { randomOf } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { type Anchors, boxCoder, matcher } from "../boxes/index.js";
import { detectorSchemaPart } from "../recipes/index.js";
import { type GroundTruth, lossOf, targetsFor } from "./index.js";

const seeds = Array.from({ length: fuzzCount(5) }, (_, i) => i);
const coder = boxCoder(detectorSchemaPart.coder.parse({ maxLogScale: Math.log(1000 / 16) }));

/** Boxes of at least 4 pixels inside a picture of 64. */
function randomBoxes(seed: number, count: number): number[][] {
  const draw = randomOf(seed, count);
  return Array.from({ length: count }, () => {
    const [x, y] = [50 * draw(), 50 * draw()];
    return [x, y, x + 4 + 10 * draw(), y + 4 + 10 * draw()];
  });
}

const double = (values: number[][] | number[][][], shape: number[]) => tensor(Float64Array.from(values.flat(2)), { shape });

function anchorsAt(seed: number, count: number): Anchors {
  const boxes = randomBoxes(seed, count);
  const centred = boxes.map(([x1, y1, x2, y2]) => [(x1! + x2!) / 2, (y1! + y2!) / 2, x2! - x1!, y2! - y1!]);
  return { xyxy: double(boxes, [count, 4]), cxcywh: double(centred, [count, 4]) };
}

function randomAnswers(seed: number, shape: number[], scale: number): Tensor {
  const draw = randomOf(seed, shape.length);
  return tensor(
    Float64Array.from({ length: shape.reduce((a, b) => a * b) }, () => scale * (2 * draw() - 1)),
    { shape },
  );
}

/** Two pictures with the given numbers of boxes; padding is zero. */
function truthOf(seed: number, counts: number[]): GroundTruth {
  const M = Math.max(1, ...counts);
  const boxes = counts.map((count, n) => [...randomBoxes(seed + n, count), ...Array.from({ length: M - count }, () => [0, 0, 0, 0])]);
  return {
    boxes: double(boxes, [counts.length, M, 4]),
    labels: tensor(
      BigInt64Array.from(counts.flatMap((count) => Array.from({ length: M }, (_, m) => BigInt(m < count ? 1 + (m % 2) : 0)))),
      { shape: [counts.length, M] },
    ),
    counts: tensor(BigInt64Array.from(counts, BigInt)),
  };
}

const situations = [
  { name: "a few boxes", counts: [3, 2], anchors: 12, scale: 2 },
  { name: "one picture without boxes", counts: [2, 0], anchors: 12, scale: 2 },
  { name: "no boxes at all", counts: [0, 0], anchors: 12, scale: 2 },
  { name: "one anchor", counts: [1, 1], anchors: 1, scale: 2 },
  { name: "saturated logits", counts: [3, 2], anchors: 12, scale: 60 },
];

type LossInput = Parameters<typeof detectorSchemaPart.loss.parse>[0];
const crossEntropy = { name: "cross-entropy" } as const;
const focal = { name: "focal" } as const;

/** The losses of the five systems, and the parts that none of them has together. */
const losses: Record<string, LossInput> = {
  "SSD, with weights for the classes": { classification: { ...crossEntropy, classWeights: { a: 2, b: 3 } } },
  "GluonCV's SSD": { classification: { ...crossEntropy, minNegatives: 4 }, regression: { name: "smooth-l1", beta: 0.5, weight: 2 } },
  "MobileSparrow's SSD": { classification: { ...crossEntropy, negativesWithoutPositives: 64 }, normalizer: "mean" },
  RetinaNet: { classification: focal, regression: { name: "l1" }, normalizer: "image" },
  "RetinaNet, second version": { classification: focal, regression: { name: "giou" }, normalizer: "image" },
  "the tutorial's RetinaNet": { classification: { ...focal, gamma: 1.5 }, normalizer: "batch" },
  "distance IoU": { classification: focal, regression: { name: "diou" } },
};
const rules = { matcher: matcher(detectorSchemaPart.matcher.parse({ foreground: 0.3, background: 0.2 })), coder };

describe.each(Object.entries(losses))("the gradients of the loss of %s agree with finite differences", (_, input) => {
  const options = detectorSchemaPart.loss.parse(input);
  const scores = options.classification.name === "focal" ? "sigmoid-with-background" : "softmax";
  const loss = lossOf({ loss: options, scores }, ["a", "b"]);

  describe.each(situations)("$name", ({ counts, anchors: A, scale }) => {
    test.each(seeds)("seed %i", (seed) => {
      scope(() => {
        const anchors = anchorsAt(seed + 100, A);
        const targets = targetsFor(anchors, truthOf(seed, counts), rules);
        const logits = randomAnswers(seed, [counts.length, A, 3], scale);
        const deltas = randomAnswers(seed + 1, [counts.length, A, 4], 2);
        checkGradient(
          (l, d) => {
            const { classification, regression } = loss({ logits: l!, deltas: d! }, targets, { anchors, coder });
            return classification.add(regression);
          },
          [logits, deltas],
          { rtol: 1e-5 },
        );
      });
    });
  });

  test("a batch without boxes, or with a box without area, has finite losses and gradients", () => {
    const anchors = anchorsAt(1, 5);
    const flat = { ...truthOf(1, [1, 0]), boxes: double([[[3, 3, 3, 9]], [[0, 0, 0, 0]]], [2, 1, 4]) };
    for (const truth of [truthOf(1, [0, 0]), flat]) {
      const [logits, deltas] = [randomAnswers(1, [2, 5, 3], 60), randomAnswers(2, [2, 5, 4], 300)];
      logits.requiresGrad = true;
      deltas.requiresGrad = true;
      const targets = targetsFor(anchors, truth, rules);
      const { classification, regression } = loss({ logits, deltas }, targets, { anchors, coder });
      expect(Number.isFinite(classification.item())).toBe(true);
      expect(regression.item()).toBe(0);
      classification.add(regression).backward();
      for (const { grad } of [logits, deltas]) expect(grad!.isfinite().all().item()).toBe(true);
    }
  });
});

const coders: Record<string, Parameters<typeof detectorSchemaPart.coder.parse>[0]> = {
  "centres and sizes": { maxLogScale: Math.log(1000 / 16) },
  "centres and sizes, rows first": { weights: [1, 1, 1, 1], order: "yxhw" },
  corners: { regress: "corners" },
};

describe.each(Object.entries(coders))("the box coder of %s", (_, options) => {
  const own = boxCoder(detectorSchemaPart.coder.parse(options));

  test.each(seeds)("decode undoes encode, seed %i", (seed) => {
    scope(() => {
      const boxes = double(randomBoxes(seed, 20), [20, 4]);
      const anchors = anchorsAt(seed + 7, 20);
      const back = own.decode(own.encode(boxes, anchors), anchors);
      expect(back.sub(boxes).abs().amax().item()).toBeLessThan(1e-9);
    });
  });

  test.each(seeds)("its gradients agree with finite differences, seed %i", (seed) => {
    scope(() => {
      const anchors = anchorsAt(seed + 7, 6);
      checkGradient((boxes) => own.encode(boxes!, anchors), double(randomBoxes(seed, 6), [6, 4]), { rtol: 1e-5 });
      checkGradient((deltas) => own.decode(deltas!, anchors), randomAnswers(seed, [6, 4], 3), { rtol: 1e-5 });
    });
  });
});

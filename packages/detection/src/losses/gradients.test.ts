import { fuzzCount } from "@singleshot/testing";
import { scope, type Tensor, tensor } from "@singleshot/torch";
import { checkGradient } from "@singleshot/torch/testing";
import { randomOf } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { deltaCoder, ssdMatcher } from "../boxes/index.js";
import { type GroundTruth, multiboxLoss, targetsFor } from "./index.js";

const seeds = Array.from({ length: fuzzCount(5) }, (_, i) => i);
const coder = deltaCoder({ weights: [10, 10, 5, 5] });

/** Boxes of at least 4 pixels inside a picture of 64. */
function randomBoxes(seed: number, count: number): number[][] {
  const draw = randomOf(seed, count);
  return Array.from({ length: count }, () => {
    const [x, y] = [50 * draw(), 50 * draw()];
    return [x, y, x + 4 + 10 * draw(), y + 4 + 10 * draw()];
  });
}

const double = (values: number[][] | number[][][], shape: number[]) => tensor(Float64Array.from(values.flat(2)), { shape });

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

describe.each(situations)("the gradients of the SSD loss agree with finite differences: $name", ({ counts, anchors: A, scale }) => {
  test.each(seeds)("seed %i", (seed) => {
    scope(() => {
      const anchors = double(randomBoxes(seed + 100, A), [A, 4]);
      const targets = targetsFor(anchors, truthOf(seed, counts), { matcher: ssdMatcher({ iouThreshold: 0.3 }), coder });
      const logits = randomAnswers(seed, [counts.length, A, 3], scale);
      const deltas = randomAnswers(seed + 1, [counts.length, A, 4], scale);
      const loss = multiboxLoss({ labelWeights: [1, 2, 3] });
      checkGradient(
        (l, d) => {
          const { classification, regression } = loss({ logits: l!, deltas: d! }, targets);
          return classification.add(regression);
        },
        [logits, deltas],
        { rtol: 1e-5 },
      );
    });
  });
});

test("a batch without boxes has losses of zero, not NaN", () => {
  const anchors = double(randomBoxes(1, 5), [5, 4]);
  const targets = targetsFor(anchors, truthOf(1, [0, 0]), { matcher: ssdMatcher(), coder });
  const { classification, regression } = multiboxLoss()(
    { logits: randomAnswers(1, [2, 5, 3], 1), deltas: randomAnswers(2, [2, 5, 4], 1) },
    targets,
  );
  expect([classification.item(), regression.item()]).toEqual([0, 0]);
});

describe("the delta coder", () => {
  test.each(seeds)("decode undoes encode, seed %i", (seed) => {
    scope(() => {
      const boxes = double(randomBoxes(seed, 20), [20, 4]);
      const anchors = double(randomBoxes(seed + 7, 20), [20, 4]);
      const back = coder.decode(coder.encode(boxes, anchors), anchors);
      expect(back.sub(boxes).abs().amax().item()).toBeLessThan(1e-9);
    });
  });

  test.each(seeds)("its gradients agree with finite differences, seed %i", (seed) => {
    scope(() => {
      const anchors = double(randomBoxes(seed + 7, 6), [6, 4]);
      checkGradient((boxes) => coder.encode(boxes!, anchors), double(randomBoxes(seed, 6), [6, 4]), { rtol: 1e-5 });
      checkGradient((deltas) => coder.decode(deltas!, anchors), randomAnswers(seed, [6, 4], 3), { rtol: 1e-5 });
    });
  });
});

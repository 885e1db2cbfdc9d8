import { expectClose } from "@singleshot/testing";
import { defaultGenerator, noGrad, ops, scope, type Tensor } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { recipes, resolveRecipe } from "../recipes/index.js";
import { createDetector } from "./index.js";

defaultGenerator.seed(1);
const detector = createDetector(resolveRecipe(recipes.get("ssd300-vgg16-atrous-voc")).detector, ["thing"]).eval();
const state = detector.stateDict();
const largest = (weight: Tensor) => scope(() => weight.abs().max().item());

describe("GluonCV's network, fresh", () => {
  test("starts its body normally, by the outputs, without biases", () => {
    const bodies = ["features.stages.5.0", "features.extras.0.2"];
    for (const key of bodies) {
      const weight = state.get(`${key}.weight`)!;
      expect(scope(() => weight.square().mean().item()) / (2 / (9 * weight.shape[0]!))).toBeCloseTo(1, 1);
      expect(largest(state.get(`${key}.bias`)!)).toBe(0);
    }
  });

  test("starts its predictors uniformly, by inputs and outputs, without biases", () => {
    const bound = Math.sqrt(4 / (9 * (1024 + 12)));
    const weight = state.get("class_predictors.1.predictor.weight")!;
    expect(largest(weight)).toBeLessThanOrEqual(bound * (1 + 1e-6));
    expect(largest(weight)).toBeGreaterThan(0.99 * bound);
    expect(largest(state.get("class_predictors.1.predictor.bias")!)).toBe(0);
  });

  test("gives every cell of conv4_3 the length 20 at first, whatever the picture's brightness", () => {
    for (const brightness of [1, 100]) {
      const lengths = scope(() =>
        noGrad(() => {
          const images = ops.rand([1, 3, 300, 300], defaultGenerator.seed(2)).mul(brightness);
          return detector.network.features(images)[0]!.square().sum([1]).sqrt();
        }),
      );
      expectClose(lengths.toTypedArray(), new Array(38 * 38).fill(20), { rtol: 1e-4 });
    }
  });

  test("its stages are the convolutions of VGG16", () => {
    const keys = [...detector.parameters()].filter(([key]) => key.startsWith("features.stages.")).map(([, parameter]) => parameter);
    expect(detector.network.stages.flat().flatMap((stage) => [...stage.parameters().values()])).toEqual(keys);
    expect(detector.network.stages).toHaveLength(6);
  });
});

test("on a picture of another size the anchors keep theirs, and may leave it", () => {
  const { anchors, logits, levels } = scope(() => noGrad(() => detector.forward(ops.zeros([1, 3, 320, 400]))));
  expect(logits.shape[1]).toBe(anchors.xyxy.shape[0]);
  expect(levels[0]).toBe(4 * 40 * 50);
  const first = anchors.xyxy.toTypedArray<"float32">().subarray(0, 4);
  expectClose(first, [-11, -11, 19, 19], { rtol: 1e-6 });
});

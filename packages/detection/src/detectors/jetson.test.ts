import { defaultGenerator, type nn, noGrad, ops, scope, type Tensor } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { type JetsonNet, type JetsonOptions, jetsonDetector, recipes, resolveRecipe } from "../recipes/index.js";
import { createDetector, type Detector } from "./index.js";

function fresh(net: JetsonNet, options: JetsonOptions = {}): Detector {
  defaultGenerator.seed(1);
  return createDetector(resolveRecipe({ ...recipes.get("mb1-ssd")!, detector: jetsonDetector(net, options) }).detector, ["thing"]);
}

/** The anchors in pixels, [A, 4]; the network must have an answer for each. */
function anchorsAt(detector: Detector, side: number): Tensor {
  const { anchors, logits } = scope(() => noGrad(() => detector.eval().forward(ops.zeros([1, 3, side, side]))));
  expect(logits.shape).toEqual([1, anchors.xyxy.shape[0], 2]);
  return anchors.cxcywh;
}

describe("at other resolutions than 300", () => {
  test.each([
    [256, 2052],
    [320, 3234],
    [416, 5490],
    [512, 8190],
    [640, 12_828],
  ])("mb1-ssd at %i has the original's %i anchors", (side, count) => {
    expect(anchorsAt(fresh("mb1-ssd", { resolution: side }), side).shape).toEqual([count, 4]);
  });

  test("the sides are shares of the resolution, 10 to 105 per cent", () => {
    const { levels } = jetsonDetector("mb1-ssd-lite", { resolution: 512 }).anchors;
    expect(levels.map((level) => "scale" in level && [level.scale, level.nextScale])).toEqual([
      [0.1, 0.2],
      [0.2, 0.37],
      [0.37, 0.54],
      [0.54, 0.71],
      [0.71, 0.88],
      [0.88, 1.05],
    ]);
  });

  test.each(["mb1-ssd-lite", "mb2-ssd-lite", "sq-ssd-lite", "vgg16-ssd"] as const)("%s too has an anchor for every answer", (net) => {
    for (const side of [271, 320]) anchorsAt(fresh(net, { resolution: side }), side);
  });

  test.each([
    ["sq-ssd-lite", 31],
    ["vgg16-ssd", 268],
  ] as const)("%s begins at %i", (net, smallest) => {
    anchorsAt(fresh(net, { resolution: smallest }), smallest);
    const below = smallest - 1;
    expect(() => jetsonDetector(net, { resolution: below })).toThrow(
      `${net} has no last map at ${below} × ${below}. Its smallest resolution is ${smallest}.`,
    );
  });
});

describe("mb2-ssd-lite in another width", () => {
  test.each([0.25, 0.5, 0.75, 0.35, 1.25, 1.4, 1.5, 2])("runs at %f (the original at the first three alone)", (width) => {
    anchorsAt(fresh("mb2-ssd-lite", { width, resolution: 96 }), 96);
  });

  test("the heads take what the trunk has", () => {
    const shapes = (width: number) => {
      const state = fresh("mb2-ssd-lite", { width }).stateDict();
      return ["classification_headers.0.0.weight", "classification_headers.1.0.weight", "extras.0.conv.0.weight"].map(
        (key) => state.get(key)!.shape,
      );
    };
    expect(shapes(0.35)).toEqual([
      [198, 1, 3, 3],
      [1280, 1, 3, 3],
      [256, 1280, 1, 1],
    ]);
    expect(shapes(1.5)).toEqual([
      [864, 1, 3, 3],
      [1920, 1, 3, 3],
      [384, 1920, 1, 1],
    ]);
  });
});

describe("a fresh network", () => {
  const largest = (weight: Tensor) => scope(() => weight.abs().max().item());

  test("starts behind the trunk with Glorot's weights and PyTorch's biases", () => {
    const state = fresh("mb1-ssd").stateDict();
    const bounds = { "extras.0.0": Math.sqrt(6 / (1024 + 256)), "classification_headers.1": Math.sqrt(6 / (9 * (1024 + 12))) };
    for (const [key, bound] of Object.entries(bounds)) {
      expect(largest(state.get(`${key}.weight`)!)).toBeLessThanOrEqual(bound);
      expect(largest(state.get(`${key}.weight`)!)).toBeGreaterThan(0.99 * bound);
      expect(largest(state.get(`${key}.bias`)!)).toBeGreaterThan(0);
    }
  });

  test.each([
    ["mb1-ssd", "base_net.13.3.weight", Math.sqrt(1 / 1024)],
    ["sq-ssd-lite", "base_net.12.squeeze.weight", Math.sqrt(6 / 512)],
  ] as const)("%s starts its trunk uniformly as the original does", (net, key, bound) => {
    const weight = fresh(net).stateDict().get(key)!;
    expect(largest(weight)).toBeLessThanOrEqual(bound * (1 + 1e-6));
    expect(largest(weight)).toBeGreaterThan(0.99 * bound);
  });

  test("mb2-ssd-lite starts its trunk normally, by the outputs", () => {
    const weight = fresh("mb2-ssd-lite").stateDict().get("base_net.18.0.weight")!;
    expect(scope(() => weight.square().mean().item()) / (2 / 1280)).toBeCloseTo(1, 1);
  });
});

test.each<[JetsonNet, number]>([
  ["mb1-ssd", 5],
  ["mb2-ssd-lite", 5],
  ["sq-ssd-lite", 4],
  ["vgg16-ssd", 5],
])("the stages of %s are its whole trunk, one for each of %i resolutions", (net, count) => {
  const { network } = fresh(net);
  const trunk = [...network.parameters()].flatMap(([key, parameter]) => (key.startsWith("base_net.") ? [parameter] : []));
  const inStages = network.stages.flat().flatMap((layer: nn.Module) => [...layer.parameters().values()]);
  expect(network.stages).toHaveLength(count);
  expect(inStages).toEqual(trunk);
});

import { InputError } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { type Recipe, recipes, resolveRecipe } from "../recipes/index.js";
import { keysOf } from "../testing/keys.js";
import { createDetector, freeze } from "./index.js";

const recipe = (name: string, over: object = {}): Recipe => resolveRecipe({ ...recipes.get(name), ...over });

describe("SSDlite on a small feature pyramid", () => {
  test.each([
    ["sparrow-ssdlite", "backbone.features.6.0.conv.3.weight 320", 8],
    ["sparrow-ssdlite-mobilenet-v3", "backbone.features.16.0.weight 960,160,1,1", 5],
    ["sparrow-ssdlite-shufflenet-v2", "backbone.stage4.3.branch2.5.weight 232,232,1,1", 4],
  ])("%s has its backbone's last layer and stages that can be frozen", (name, last, stages) => {
    const detector = createDetector(recipe(name).detector, ["one"]);
    expect(keysOf(detector)).toContain(last);
    expect(detector.network.stages.length).toBe(stages);
    freeze(detector, "backbone");
    const trained = [...detector.parameters()].filter(([, { requiresGrad }]) => requiresGrad).map(([key]) => key.split(".")[0]);
    expect([...new Set(trained)]).toEqual(["neck", "heads"]);
    detector.dispose();
  });

  test("every level of anchors needs a map", () => {
    const { detector } = recipe("sparrow-ssdlite");
    const anchors = { ...detector.anchors, levels: detector.anchors.levels.slice(1) };
    expect(() => createDetector({ ...detector, anchors }, ["one"])).toThrow(
      new InputError("detector.anchors.levels has 2 entries, the network has 3 maps", { fix: "one entry for each map, the finest first" }),
    );
  });
});

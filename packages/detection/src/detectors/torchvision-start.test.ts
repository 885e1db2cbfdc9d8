import { defaultGenerator, type nn } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { merge, recipes, resolveRecipe } from "../recipes/index.js";
import { createDetector } from "./index.js";

const xavier = (fanIn: number, fanOut: number) => Math.sqrt(2 / (fanIn + fanOut));
const heNormal = (fanOut: number) => Math.sqrt(2 / fanOut);
/** With a = 1: U(-b, b) with b = √(3 / fan_in). */
const heUniform = (fanIn: number) => Math.sqrt(1 / fanIn);

/** One large weight of each kind, with torchvision's deviation. */
const starts: Record<string, [key: string, std: number][]> = {
  "ssd300-vgg16": [
    ["backbone.features.19", heNormal(512 * 9)],
    ["backbone.extra.0.3", heNormal(512 * 9)],
    ["backbone.extra.0.7.1", xavier(512 * 9, 1024 * 9)],
    ["backbone.extra.1.2", xavier(256 * 9, 512 * 9)],
    ["head.classification_head.module_list.1", xavier(1024 * 9, 6 * 21 * 9)],
    ["head.regression_head.module_list.1", xavier(1024 * 9, 6 * 4 * 9)],
  ],
  "retinanet-resnet50-v2": [
    ["backbone.body.layer3.1.conv2", heNormal(256 * 9)],
    ["backbone.fpn.inner_blocks.2.0", heUniform(2048)],
    ["backbone.fpn.layer_blocks.1.0", heUniform(256 * 9)],
    ["backbone.fpn.extra_blocks.p6", heUniform(2048 * 9)],
    ["head.classification_head.conv.3.0", 0.01],
    ["head.classification_head.cls_logits", 0.01],
    ["head.regression_head.conv.0.0", 0.01],
    ["head.regression_head.bbox_reg", 0.01],
  ],
};

const constants: Record<string, [key: string, value: number][]> = {
  "ssd300-vgg16": [["backbone.scale_weight", 20]],
  "retinanet-resnet50-v2": [["head.classification_head.cls_logits.bias", -Math.log(99)]], // each class gets 1 %
};

describe.each(Object.entries(starts))("%s starts as torchvision's", (name, layers) => {
  defaultGenerator.seed(7);
  const classes = Array.from({ length: 20 }, (_, i) => `class ${i + 1}`);
  const detector = createDetector(resolveRecipe(recipes.get(name)).detector, classes);
  const parts = new Map(detector.modules());

  test.each(layers)("%s", (key, std) => {
    const { weight, bias } = parts.get(key) as nn.Conv2d;
    expect(weight.detach().square().mean().sqrt().item() / std).toBeCloseTo(1, 1);
    if (!key.endsWith("cls_logits")) expect(bias?.detach().abs().amax().item() ?? 0).toBe(0);
  });

  test.each(constants[name]!)("%s is %f everywhere", (key, value) => {
    const all = detector.stateDict().get(key)!;
    expect([all.amin().item(), all.amax().item()]).toEqual([Math.fround(value), Math.fround(value)]);
  });
});

test("RetinaNet's levels must have as many anchors each, since they share their heads", () => {
  const levels = { 4: { shapes: [[512, 512]] } };
  const { detector } = resolveRecipe(merge(recipes.get("retinanet-resnet50"), { detector: { anchors: { levels } } }));
  expect(() => createDetector(detector, ["one"])).toThrow(
    "detector.anchors.levels have 9, 9, 9, 9, 1 anchors a cell, and one head for all of them. As many shapes on every level.",
  );
});

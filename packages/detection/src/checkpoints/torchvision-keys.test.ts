import { describe, expect, test } from "vitest";
import { sheet } from "../testing/keys.js";
import { mobileNetV3KeyToSsdlite, modernRetinaNetKey, resnetKeyToRetinaNet, vgg16KeyToSsd300 } from "./index.js";

const keys = (name: string) => sheet(name).map((line) => line.split(" ")[0]!);

/** As torchvision named them before it put an activation beside each convolution. */
const firstGeneration = (key: string) =>
  key
    .replace(/(_head\.conv)\.(\d)\.0\./, (_, tower, i) => `${tower}.${2 * Number(i)}.`)
    .replace(/((?:inner|layer)_blocks\.\d)\.0\./, "$1.");

describe("keys of RetinaNet's first files", () => {
  test("become those of the later ones, which stay what they are", () => {
    const modern = keys("torchvision-retinanet_resnet50_fpn");
    expect(modern.map(firstGeneration).map(modernRetinaNetKey)).toEqual(modern);
    expect(modern.map(modernRetinaNetKey)).toEqual(modern);
    expect(modern.filter((key) => firstGeneration(key) !== key)).toHaveLength(28); // 16 of the towers, 12 of the pyramid
  });

  test.each([
    ["head.classification_head.conv.6.bias", "head.classification_head.conv.3.0.bias"],
    ["head.regression_head.conv.2.weight", "head.regression_head.conv.1.0.weight"],
    ["backbone.fpn.inner_blocks.2.weight", "backbone.fpn.inner_blocks.2.0.weight"],
    ["backbone.fpn.layer_blocks.0.bias", "backbone.fpn.layer_blocks.0.0.bias"],
    ["head.classification_head.cls_logits.bias", "head.classification_head.cls_logits.bias"],
    ["backbone.body.layer1.0.conv1.weight", "backbone.body.layer1.0.conv1.weight"],
  ])("%s → %s", (key, modern) => {
    expect(modernRetinaNetKey(key)).toBe(modern);
  });
});

describe("keys of classifiers in detectors", () => {
  test.each([
    [vgg16KeyToSsd300, "features.0.weight", "backbone.features.0.weight"],
    [vgg16KeyToSsd300, "features.21.bias", "backbone.features.21.bias"],
    [vgg16KeyToSsd300, "features.24.weight", "backbone.extra.0.1.weight"],
    [vgg16KeyToSsd300, "features.28.bias", "backbone.extra.0.5.bias"],
    [vgg16KeyToSsd300, "classifier.0.weight", undefined],
    [mobileNetV3KeyToSsdlite, "features.0.0.weight", "backbone.features.0.0.0.weight"],
    [mobileNetV3KeyToSsdlite, "features.12.block.2.fc1.bias", "backbone.features.0.12.block.2.fc1.bias"],
    [mobileNetV3KeyToSsdlite, "features.13.block.0.1.running_var", "backbone.features.0.13.1.running_var"],
    [mobileNetV3KeyToSsdlite, "features.13.block.2.fc2.weight", "backbone.features.1.0.2.fc2.weight"],
    [mobileNetV3KeyToSsdlite, "features.14.block.0.0.weight", "backbone.features.1.1.block.0.0.weight"],
    [mobileNetV3KeyToSsdlite, "features.16.1.bias", "backbone.features.1.3.1.bias"],
    [mobileNetV3KeyToSsdlite, "classifier.3.bias", undefined],
    [resnetKeyToRetinaNet, "layer4.2.bn3.running_mean", "backbone.body.layer4.2.bn3.running_mean"],
    [resnetKeyToRetinaNet, "fc.weight", undefined],
  ])("%o: %s → %s", (map: (key: string) => string | undefined, key, expected) => {
    expect(map(key)).toBe(expected);
  });
});

import { defaultGenerator, nn, scope } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { classifiers } from "./index.js";

const heNormal = (fanOut: number) => Math.sqrt(2 / fanOut);
/** The deviation of U(-b, b) with b = √(6 / fan_in). */
const heUniform = (fanIn: number) => Math.sqrt(2 / fanIn);
/** PyTorch's default, U(-1/√fan_in, 1/√fan_in). */
const pytorch = (fanIn: number) => 1 / Math.sqrt(3 * fanIn);

/** One large weight of each kind that a network has, with torchvision's deviation; true where the bias beside it starts with 0. */
const starts: [name: string, key: string, std: number, zeroBias: boolean | undefined][] = [
  ["resnet50", "layer2.0.conv2", heNormal(128 * 9), undefined],
  ["resnet50", "fc", pytorch(2048), false],
  ["mobilenet-v1", "features.13.3", pytorch(1024), undefined],
  ["mobilenet-v2", "features.12.conv.0.0", heNormal(576), undefined],
  ["mobilenet-v2", "features.12.conv.1.0", heNormal(576 * 9), undefined],
  ["mobilenet-v2", "classifier.1", 0.01, true],
  ["mobilenet-v3-large", "features.15.block.2.fc1", heNormal(240), true],
  ["mobilenet-v3-large", "classifier.0", 0.01, true],
  ["squeezenet1-1", "features.12.expand3x3", heUniform(64 * 9), true],
  ["squeezenet1-1", "classifier.1", 0.01, true],
  ["shufflenet-v2", "conv5.0", pytorch(464), undefined],
  ["shufflenet-v2", "fc", pytorch(1024), false],
];

describe("classifiers start as torchvision's", () => {
  test.each(starts)("%s, %s", (name, key, std, zeroBias) => {
    scope(() => {
      defaultGenerator.seed(7);
      const net = classifiers.get(name)!({ classes: 100 });
      const part = new Map(net.modules()).get(key) as nn.Conv2d | nn.Linear;
      const weight = part.weight.detach();
      expect(weight.square().mean().sqrt().item() / std).toBeCloseTo(1, 1);
      expect(part.bias && part.bias.abs().sum().item() === 0).toBe(zeroBias);
      for (const [, norm] of net.modules())
        if (norm instanceof nn.BatchNorm2d) expect([norm.weight.amin().item(), norm.bias.abs().amax().item()]).toEqual([1, 0]);
      net.dispose();
    });
  });
});

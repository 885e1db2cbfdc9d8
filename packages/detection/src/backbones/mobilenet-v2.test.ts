import { noGrad, scope } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { goldenTensor } from "../testing/golden-detector.js";
import { keysOf, sheet } from "../testing/keys.js";
import { flatLayout, LinearBottleneck, mobileNetV2Trunk, SparrowMobileNetV2 } from "./index.js";

const pictures = (shape: number[]) => goldenTensor({ name: "pictures", shape, map: "sym" });

describe("MobileNetV2 of sparrow", () => {
  test("has sparrow's keys and shapes, in order", () => {
    const theirs = sheet("sparrow-ssdlite-mobilenetv2").filter((line) => line.startsWith("backbone."));
    const net = new SparrowMobileNetV2();
    expect(keysOf(net).map((line) => `backbone.${line}`)).toEqual(theirs);
    net.dispose();
  });

  test("gives the map of every stage, of the channels and strides that it names", () => {
    scope(() => {
      const net = new SparrowMobileNetV2({ width: 0.5 }).eval();
      const maps = noGrad(() => net.forward(pictures([1, 3, 64, 64])));
      expect(maps.map(({ shape }) => shape)).toEqual(net.channels.map((C, i) => [1, C, 64 / net.strides[i]!, 64 / net.strides[i]!]));
      expect(net.channels).toEqual([8, 12, 16, 32, 48, 80, 160]);
      expect(net.strides).toEqual([2, 4, 8, 16, 16, 32, 32]);
      net.dispose();
    });
  });
});

describe("MobileNetV2 of Jetson", () => {
  test("cuts channels off instead of rounding them to eights, and counts activations", () => {
    const trunk = mobileNetV2Trunk({ width: 0.35, style: "jetson" });
    expect(trunk.channels.filter((C, i) => C !== trunk.channels[i - 1])).toEqual([11, 5, 8, 11, 22, 33, 56, 112, 1280]);
    expect([...trunk.layers[14]!.stateDict().keys()].filter((key) => key.endsWith("weight"))).toEqual(
      [0, 1, 3, 4, 6, 7].map((number) => `conv.${number}.weight`),
    );
    expect([...trunk.layers[1]!.stateDict().keys()].filter((key) => key.endsWith("weight"))).toEqual(
      [0, 1, 3, 4].map((number) => `conv.${number}.weight`),
    );
    expect(mobileNetV2Trunk({ width: 1.25, style: "jetson" }).channels.at(-1)).toBe(1600);
  });
});

describe("a linear bottleneck", () => {
  test("is expansion and projection, and the input is added where the shapes agree", () => {
    scope(() => {
      const input = pictures([1, 4, 6, 6]);
      const before = [...input.toTypedArray()];
      noGrad(() => {
        const same = new LinearBottleneck(4, 4, { hidden: 8 }).eval();
        const added = same.project(same.expand(input)).add(input);
        expect(same.forward(input).equal(added)).toBe(true);
        const strided = new LinearBottleneck(4, 4, { hidden: 4, stride: 2, layout: flatLayout }).eval();
        expect(strided.expand(input)).toBe(input);
        expect(strided.forward(input).equal(strided.project(input))).toBe(true);
        for (const block of [same, strided]) block.dispose();
      });
      expect([...input.toTypedArray()]).toEqual(before);
    });
  });
});

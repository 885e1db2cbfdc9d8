import { defaultGenerator, nn, noGrad, scope } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { goldenTensor } from "../testing/golden-detector.js";
import { keysOf, sheet } from "../testing/keys.js";
import { Extractor, ResNet50, ResNet50Body, resnetKeyToScratch } from "./index.js";

const pictures = (shape: number[]) => goldenTensor({ name: "pictures", shape, map: "unit" });

describe("the extractor of RetinaNet from scratch", () => {
  test("has the tutorial's keys and shapes, in order", () => {
    const extractor = new Extractor({ classes: 1000 });
    expect(keysOf(extractor)).toEqual(sheet("retinanet-scratch-extractor"));
    extractor.dispose();
  });

  test("is torchvision's ResNet-50: all 320 keys have a name there, and with the same weights it answers the same", () => {
    scope(() => {
      defaultGenerator.seed(3);
      const [theirs, ours] = [new ResNet50({ classes: 10 }).eval(), new Extractor({ classes: 10 }).eval()];
      const renamed = new Map([...theirs.stateDict()].map(([key, value]) => [resnetKeyToScratch(key), value]));
      expect(renamed.size).toBe(320);
      expect(ours.loadStateDict(renamed)).toEqual({ missing: [], unexpected: [] });
      const images = pictures([1, 3, 65, 65]);
      noGrad(() => {
        expect(ours.forward(images).equal(theirs.forward(images))).toBe(true);
        expect(ours.extract(images).map(({ shape }) => shape)).toEqual([
          [1, 512, 9, 9],
          [1, 1024, 5, 5],
          [1, 2048, 3, 3],
        ]);
      });
      for (const net of [ours, theirs]) net.dispose();
    });
  });

  test("keeps its names below another module", () => {
    class Both extends nn.Module {
      readonly extractor = new Extractor({ classes: 1 });
    }
    const both = new Both();
    expect([...both.stateDict().keys()]).toContain("extractor.resblock1_1.bn_prj.running_mean");
    both.dispose();
  });
});

describe("ResNet-50 as a body", () => {
  test("frozen norms have no parameters and no counters, and take an ordinary state dict", () => {
    const [frozen, ordinary] = [new ResNet50Body({ norm: "frozen" }), new ResNet50Body()];
    expect(keysOf(frozen)).toEqual(keysOf(ordinary).filter((line) => !line.includes("num_batches_tracked")));
    expect([...frozen.parameters().keys()].filter((key) => key.includes("bn"))).toEqual([]);
    expect(frozen.loadStateDict(ordinary.stateDict())).toEqual({ missing: [], unexpected: [] });
    for (const body of [frozen, ordinary]) body.dispose();
  });

  test("gives four maps of the channels and strides that it names", () => {
    scope(() => {
      const body = new ResNet50Body().eval();
      const maps = noGrad(() => body.forward(pictures([1, 3, 64, 64])));
      expect(maps.map(({ shape }) => shape)).toEqual(body.channels.map((C, i) => [1, C, 64 / body.strides[i]!, 64 / body.strides[i]!]));
      body.dispose();
    });
  });
});

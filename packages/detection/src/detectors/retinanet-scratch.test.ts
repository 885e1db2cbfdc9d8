import { defaultGenerator, nn, noGrad, ops, scope } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { afterAll, describe, expect, test } from "vitest";
import { Extractor } from "../backbones/index.js";
import { merge, recipes, resolveRecipe, startingFrom } from "../recipes/index.js";
import { createDetector, freeze, freezeBatchNorm } from "./index.js";
import type { RetinanetScratch } from "./retinanet-scratch.js";

const { detector: options } = resolveRecipe(recipes.get("retinanet-scratch"));

describe("RetinaNet from scratch", () => {
  const detector = createDetector(options, ["one", "two"]);
  const network = detector.network as RetinanetScratch;
  afterAll(() => detector.dispose());

  test("takes the weights of an extractor that was pretrained as a classifier, by their own names", () => {
    defaultGenerator.seed(5);
    const classifier = new Extractor({ classes: 1000 }).eval();
    const { missing, unexpected } = detector.loadStateDict(classifier.stateDict(), { strict: false });
    expect(unexpected).toEqual([]);
    expect(missing).toEqual([...network.detector.stateDict().keys()]);
    scope(() =>
      noGrad(() => {
        const images = ops.rand([1, 3, 65, 65], defaultGenerator);
        const [theirs, ours] = [classifier, detector.eval() && network.extractor].map((extractor) => extractor.extract(images)[2]);
        expect(ours!.sub(theirs!).abs().max().item()).toBeLessThan(1e-4);
      }),
    );
    classifier.dispose();
  });

  test("frozen batch norm keeps its statistics through every train(), weights and biases train, the classifier's layer does not", () => {
    freezeBatchNorm(detector);
    detector.eval().train();
    const norms = [...network.extractor.modules()].filter(([, module]) => module instanceof nn.BatchNorm2d);
    expect(norms.length).toBe(53);
    expect(norms.every(([, { training }]) => !training)).toBe(true);
    const untrained = [...detector.parameters()].filter(([, { requiresGrad }]) => !requiresGrad).map(([key]) => key);
    expect(untrained).toEqual(["fc.weight", "fc.bias"]);
  });

  test("the later repository's recipe freezes the stem and the first stage, and nothing where it starts from random weights", () => {
    const modern = resolveRecipe(recipes.get("retinanet-scratch-modern"));
    freeze(detector, modern.training.freeze!);
    const untrained = [...detector.parameters()].filter(([, { requiresGrad }]) => !requiresGrad).map(([key]) => key.split(".")[0]);
    expect([...new Set(untrained)]).toEqual(["conv_input", "bn_input", "resblock1_1", "resblock1_2", "resblock1_3", "fc"]);
    expect(startingFrom({}, modern).training).toMatchObject({ freeze: 0, freezeBatchNorm: false });
  });

  test("anchors stand on the picture's border and reach beyond it", () => {
    const { anchors } = noGrad(() => detector.eval().forward(ops.zeros([1, 3, 65, 65])));
    expect([...anchors.xyxy.select(0, 0).toTypedArray()]).toEqual([-14, -14, 14, 14]);
    const centres = anchors.cxcywh.toTypedArray();
    expect(Math.max(...centres.filter((_, i) => i % 4 === 0))).toBe(64);
  });
});

describe("what RetinaNet from scratch refuses", () => {
  const refused = (over: object): string => {
    try {
      createDetector(resolveRecipe(merge(recipes.get("retinanet-scratch"), over)).detector, ["one"]).dispose();
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
    return "nothing";
  };

  test("a size that its maps do not fit; it names the nearest ones", () => {
    expect(refused({ detector: { input: { width: 320, height: 20 } } })).toBe(
      "the recipe is wrong: ✖ retinanet-scratch needs sides of 32k + 1 pixels: width 289 or 321 instead of 320, height 33 instead of 20" +
        " → at detector.input. `singleshot recipes NAME` prints a complete one.",
    );
    expect(refused({ detector: { input: { width: 513, height: 257 } } })).toBe("nothing");
  });

  test("pictures of many sizes", () => {
    expect(refused({ detector: { input: { resize: "sides", shortSides: [256], longSide: 512 } } })).toBe(
      "the recipe is wrong: ✖ retinanet-scratch needs one size for all pictures: resize letterbox or stretch → at detector.input." +
        " `singleshot recipes NAME` prints a complete one.",
    );
  });

  test("anchors that its maps or its one head do not fit", () => {
    expect(refused({ detector: { network: { levels: 5 } } })).toBe(
      "detector.anchors.levels has 4 entries, the network has 5 maps. One entry for each map, the finest first.",
    );
    expect(refused({ detector: { anchors: { levels: { 0: { shapes: [[8, 8]] } } } } })).toBe(
      "detector.anchors.levels have 1, 3, 3, 3 anchors a cell, and one head for all of them. As many shapes on every level.",
    );
  });
});

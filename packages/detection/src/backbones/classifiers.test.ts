import { createHash } from "node:crypto";
import { expectClose, l2 } from "@singleshot/testing";
import { defaultGenerator, nn, noGrad, ops, scope, tensor } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { fillModule, goldenTensor, gradientsOf, numbers } from "../testing/golden-detector.js";
import { keysOf, sheet } from "../testing/keys.js";
import {
  bodyAtStrides,
  classifiers,
  lastAtStride,
  mapsBehind,
  mobileNetV1Trunk,
  mobileNetV2Trunk,
  mobileNetV3Large,
  ShuffleNetV2Body,
  squeezeNetTrunk,
  vgg16Trunk,
} from "./index.js";

const pictures = (shape: number[]) => goldenTensor({ name: "pictures", shape, map: "sym" }, "float64");

/** With 1000 classes: torchvision 0.28's, but for MobileNetV1, which it does not have. */
const sizes: [name: string, parameters: number, entries: number][] = [
  ["vgg16", 138_357_544, 32],
  ["resnet50", 25_557_032, 320],
  ["resnet50-extractor", 25_557_032, 320],
  ["mobilenet-v1", 4_231_976, 164],
  ["mobilenet-v2", 3_504_872, 314],
  ["mobilenet-v3-large", 5_483_032, 312],
  ["squeezenet1-1", 1_235_496, 52],
  ["shufflenet-v2", 2_278_604, 338],
];

describe("every classifier", () => {
  test("stands in this table", () => {
    expect(sizes.map(([name]) => name).sort()).toEqual([...classifiers.keys()].sort());
  });

  test.each(sizes)("%s has the published number of parameters", (name, parameters, entries) => {
    const net = classifiers.get(name)!({ classes: 1000 });
    const count = [...net.parameters().values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect([count, net.stateDict().size]).toEqual([parameters, entries]);
    net.dispose();
  });

  test.each(sizes.map(([name]) => name))("%s answers with one logit a class, finite at its start, and all of it learns", (name) => {
    scope(() => {
      defaultGenerator.seed(1);
      const net = classifiers.get(name)!({ classes: 3 }).to({ format: "channelsLast" });
      const logits = net.forward(pictures([2, 3, 96, 64]).to("float32"));
      expect(logits.shape).toEqual([2, 3]);
      const loss = ops.crossEntropyLoss(logits, tensor(BigInt64Array.of(0n, 2n)));
      loss.backward();
      expect(loss.item()).toBeLessThan(5);
      const still = [...net.parameters()].filter(([, { grad }]) => !grad || !Number.isFinite(grad.sum().item()));
      expect(still.map(([key]) => key)).toEqual([]);
      net.dispose();
    });
  });
});

/**
 * Taken from torchvision 0.28.0 in float64: weights filled as fixtures/golden/README.md says (gain 1, suffix "#public", 4 classes), the
 * pictures "pictures" [2, 3, 97, 97], labels 1 and 3, no dropout. `keys`: SHA-256 of the lines "key shape" with 1000 classes.
 */
const recorded = [
  {
    name: "squeezenet1-1",
    width: 1,
    keys: "4517ae369c3fa664",
    logits: [2.49423825, 0.0747961525, 2.45291519, 0.0281606951, 2.54694779, 0.10226232, 2.42894215, 0.0467768615],
    loss: 3.199416353,
    gradient: 46.62933907,
  },
  {
    name: "shufflenet-v2",
    width: 1,
    keys: "53fe71409c58e991",
    logits: [-39.9748361, -11.8272809, -31.6312721, -43.5394373, -40.0547666, -8.9075693, -23.7831762, -45.2381964],
    loss: 1.522271539,
    gradient: 74.7675613,
  },
  {
    name: "shufflenet-v2",
    width: 0.5,
    keys: "f04f3e9902a08fd8",
    logits: [-243.664424, 125.889099, 171.699392, -58.9861139, -264.366887, 148.316366, 195.273145, -51.2169092],
    loss: 1.351901174,
    gradient: 61.45043572,
  },
  {
    name: "shufflenet-v2",
    width: 2,
    keys: "12b425a61dfb073d",
    logits: [163.350173, -97.5381239, 26.5133824, 39.1351756, 170.953638, -103.84223, 12.4179291, 39.9876529],
    loss: 1.652486906,
    gradient: 96.28815993,
  },
];

describe.each(recorded)("$name of width $width equals torchvision's", ({ name, width, ...theirs }) => {
  test("keys and shapes", () => {
    const net = classifiers.get(name)!({ classes: 1000, width });
    expect(createHash("sha256").update(keysOf(net).join("\n")).digest("hex").slice(0, 16)).toBe(theirs.keys);
    net.dispose();
  });

  test("logits, and in training loss and gradient", () => {
    scope(() => {
      const net = fillModule(classifiers.get(name)!({ classes: 4, width }), { suffix: "#public", gain: 1 }, "float64");
      const images = pictures([2, 3, 97, 97]);
      expectClose(numbers(noGrad(() => net.eval().forward(images))), theirs.logits, { rtol: 1e-7, name: "logits" });
      for (const [, part] of net.train().modules()) if (part instanceof nn.Dropout) part.eval();
      const loss = ops.crossEntropyLoss(net.forward(images), tensor(BigInt64Array.of(1n, 3n)));
      loss.backward();
      const gradient = Math.hypot(...gradientsOf(net).map(([, values]) => l2(values)));
      expectClose([loss.item(), gradient], [theirs.loss, theirs.gradient], { rtol: 1e-7, name: "loss and gradient" });
      net.dispose();
    });
  });
});

test("ShuffleNetV2 refuses a width that the paper does not have", () => {
  expect(() => new ShuffleNetV2Body({ width: 0.75 })).toThrow("ShuffleNetV2 has no width 0.75. The paper's widths are 0.5, 1, 1.5, 2.");
});

describe("the base networks of Jetson", () => {
  const bases = [
    ["jetson-mb1-ssd", mobileNetV1Trunk()],
    ["jetson-mb2-ssd-lite", mobileNetV2Trunk({ style: "jetson" })],
    ["jetson-sq-ssd-lite", squeezeNetTrunk({ ceil: false })],
  ] as const;
  test.each(bases)("%s: keys and shapes, in order", (name, { layers }) => {
    const theirs = sheet(name).flatMap((line) => (line.startsWith("base_net.") ? [line.slice("base_net.".length)] : []));
    expect(keysOf(new nn.Sequential(layers))).toEqual(theirs);
  });
});

describe("every trunk", () => {
  const trunks = {
    vgg16: vgg16Trunk(),
    "mobilenet-v1": mobileNetV1Trunk({ width: 0.25 }),
    "mobilenet-v2": mobileNetV2Trunk({ width: 0.35 }),
    "mobilenet-v2 of Jetson": mobileNetV2Trunk({ width: 0.35, style: "jetson" }),
    "mobilenet-v3-large": mobileNetV3Large({ width: 0.5 }),
    squeezenet: squeezeNetTrunk(),
  };

  test.each(Object.entries(trunks))("%s has the channels and strides that it names, behind every layer", (_name, trunk) => {
    scope(() => {
      for (const layer of trunk.layers) layer.eval();
      const found = noGrad(() => mapsBehind(trunk.layers, pictures([1, 3, 64, 96]).to("float32"))).map(({ shape }) => shape);
      const sides = (i: number) => [64, 96].map((side) => side / trunk.strides[i]!);
      // SqueezeNet's first convolution has no padding: 64 → 31 → 15 → 7 → 3
      const near = found.map(([N, C, ...rest], i) => [
        N,
        C,
        ...rest.map((side, k) => (Math.abs(side - sides(i)[k]!) <= 1 ? sides(i)[k] : side)),
      ]);
      expect(near).toEqual(trunk.channels.map((C, i) => [1, C, ...sides(i)]));
    });
  });

  test("a body gives the last map of each stride asked for, and has no more layers than it needs", () => {
    scope(() => {
      const body = bodyAtStrides(mobileNetV3Large(), [8, 16]).eval();
      const maps = noGrad(() => body.forward(pictures([1, 3, 64, 64]).to("float32")));
      expect(maps.map(({ shape }) => shape)).toEqual([
        [1, 40, 8, 8],
        [1, 112, 4, 4],
      ]);
      expect([body.channels, body.strides, body.features.layers.length]).toEqual([[40, 112], [8, 16], 13]);
    });
  });

  test("a stride that a network does not have is named with those it has", () => {
    expect(() => lastAtStride(squeezeNetTrunk(), 32)).toThrow("no layer has stride 32; there are 2, 4, 8, 16");
  });
});

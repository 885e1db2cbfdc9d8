import { fuzzCount } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { ops, scope, type Tensor, tensor } from "./index.js";
import { checkGradient, randomTensor } from "./testing/index.js";

/** Several of each (R22); `FUZZ_SCALE=20` makes it a hundred. */
const seeds = Array.from({ length: fuzzCount(5) }, (_, i) => i);

/** Inputs come from the seed; a case says what they look like. */
type Case = [name: string, f: (...inputs: Tensor[]) => Tensor, inputs: (random: (shape: number[], name?: string) => Tensor) => Tensor[]];

const integers = (...values: number[]) => tensor(values, { dtype: "int64" });
const indices = integers(2, 0, 2, 1);
/** Distinct values a tenth apart, so that no difference steps over a maximum. */
const distinct = (x: Tensor): Tensor => scope(() => x.add(x.flatten().argsort().argsort().reshape(x.shape).mul(0.1)).detach());

// biome-ignore format: a table
const cases: Case[] = [
  ["conv2d", (x, w, b) => ops.conv2d(x, w, { bias: b, stride: [2, 1], padding: [1, 0] }), (r) => [r([2, 3, 5, 4]), r([4, 3, 3, 2], "w"), r([4], "b")]],
  ["conv2d, dilated", (x, w) => ops.conv2d(x, w, { dilation: 2, padding: 2 }), (r) => [r([1, 2, 5, 5]), r([2, 2, 3, 3], "w")]],
  ["conv2d, depthwise", (x, w) => ops.conv2d(x, w, { groups: 4, padding: 1 }), (r) => [r([2, 4, 4, 4]), r([4, 1, 3, 3], "w")]],
  ["conv2d, channels-last", (x, w) => ops.conv2d(x.contiguous({ memoryFormat: "channelsLast" }), w), (r) => [r([2, 3, 4, 4]), r([2, 3, 3, 3], "w")]],
  ["linear", (x, w, b) => ops.linear(x, w, { bias: b }), (r) => [r([3, 4]), r([5, 4], "w"), r([5], "b")]],
  ["batchNorm, training", (x, w, b) => ops.batchNorm(x, w, b, null, null, true, 0.1, 1e-5, false), (r) => [r([3, 2, 2, 2]), r([2], "w"), r([2], "b")]],
  [
    "batchNorm, evaluation",
    (x, w, b) => ops.batchNorm(x, w, b, tensor([0.1, -0.2], { dtype: "float64" }), tensor([0.5, 2], { dtype: "float64" }), false, 0.1, 1e-5, false),
    (r) => [r([3, 2, 2, 2]), r([2], "w"), r([2], "b")],
  ],
  ["groupNorm", (x, w, b) => ops.groupNorm(x, 2, { weight: w, bias: b }), (r) => [r([2, 4, 3, 3]), r([4], "w"), r([4], "b")]],
  ["maxPool2d", (x) => ops.maxPool2d(x, 3, { stride: 2, padding: 1 }), (r) => [distinct(r([1, 2, 5, 5]))]],
  ["avgPool2d", (x) => ops.avgPool2d(x, 2, { ceilMode: true }), (r) => [r([1, 2, 5, 5])]],
  ["adaptiveAvgPool2d", (x) => ops.adaptiveAvgPool2d(x, [2, 3]), (r) => [r([2, 2, 5, 7])]],
  ["upsampleNearest2d", (x) => ops.upsampleNearest2d(x, [5, 7]), (r) => [r([1, 2, 3, 3])]],
  ["relu", (x) => x.relu(), (r) => [r([3, 5])]],
  ["relu6", (x) => ops.relu6(x.mul(8)), (r) => [r([3, 5])]],
  ["hardswish", (x) => x.mul(4).hardswish(), (r) => [r([3, 5])]],
  ["hardsigmoid", (x) => x.mul(4).hardsigmoid(), (r) => [r([3, 5])]],
  ["silu", (x) => x.silu(), (r) => [r([3, 5])]],
  ["sigmoid", (x) => x.sigmoid(), (r) => [r([3, 5])]],
  ["softmax", (x) => x.softmax(-1), (r) => [r([3, 5])]],
  ["crossEntropyLoss", (x) => ops.crossEntropyLoss(x, indices), (r) => [r([4, 3])]],
  ["crossEntropyLoss, smoothed, sum", (x) => ops.crossEntropyLoss(x, indices, { labelSmoothing: 0.1, reduction: "sum" }), (r) => [r([4, 3])]],
  ["crossEntropyLoss, saturated", (x) => ops.crossEntropyLoss(x.mul(100), indices, { reduction: "none" }), (r) => [r([4, 3])]],
  ["binaryCrossEntropyWithLogits", (x, y) => ops.binaryCrossEntropyWithLogits(x, y.sigmoid()), (r) => [r([3, 4]), r([3, 4], "y")]],
  ["smoothL1Loss", (x, y) => ops.smoothL1Loss(x, y, { beta: 0.3, reduction: "none" }), (r) => [r([3, 4]), r([3, 4], "y")]],
  ["l1Loss", (x, y) => ops.l1Loss(x, y), (r) => [r([3, 4]), r([3, 4], "y")]],
  ["gather", (x) => x.gather(1, integers(0, 0, 1, 2).reshape([2, 2])), (r) => [r([2, 3])]],
  ["index", (x) => x.index([integers(0, 2, 2), integers(1, 0, 0)]), (r) => [r([3, 2])]],
  ["indexSelect, with repeats", (x) => x.indexSelect(0, indices), (r) => [r([3, 2])]],
  ["where", (x, y) => x.gt(0).where(x, y), (r) => [r([3, 4]), r([3, 4], "y")]],
  ["amax", (x) => x.amax({ dim: 1 }), (r) => [distinct(r([3, 4]))]],
  ["division, power and root", (x, y) => x.div(y.abs().add(1)).pow(3).add(y.square().add(1).sqrt()), (r) => [r([6]), r([6], "y")]],
  ["cat, permute, reshape and slices", (x, y) => ops.cat([x, y], { dim: 1 }).permute([1, 0]).reshape([2, 7]).narrow(1, 2, 4), (r) => [r([2, 3]), r([2, 4], "y")]],
];

describe.each(cases)("the gradient of %s agrees with finite differences", (name, f, inputs) => {
  test.each(seeds)("seed %i", (seed) => {
    scope(() =>
      checkGradient(
        f,
        inputs((shape, input = "x") => randomTensor(shape, { name: `${name}:${input}:${seed}` })),
      ),
    );
  });
});

test("a wrong gradient is noticed", () => {
  scope(() => {
    const x = randomTensor([4]);
    const halfCut = (t: Tensor) => t.mul(t.detach()); // its derivative is 2x, backward sees x
    expect(() => checkGradient(halfCut, x)).toThrow(/gradient: 4 of 4 differ; the worst at/);
    expect(() => checkGradient((t) => t.sum(), randomTensor([2], { dtype: "float32" }))).toThrow(
      "checkGradient needs float64, not float32",
    );
  });
});

import { type Device, defaultGenerator } from "@singleshot/torch";
import { simulatedDevice } from "@singleshot/torch/testing";
import { describe, expect, test } from "vitest";
import { merge, recipes, resolveRecipe } from "../recipes/index.js";
import { detectorTrial } from "./detector-trial.js";
import { checkPrecision, choosePrecision, fastestPrecision } from "./precision.js";

const { detector } = resolveRecipe(
  merge(recipes.get("ssdlite320-small"), { detector: { input: { width: 64, height: 64 }, network: { width: 0.25 } } }),
);
const trialOn = (where: Device) => () => detectorTrial(detector, where);

const device = simulatedDevice(); // has no 16-bit types

test("bfloat16 gives the right answers, losses and gradients here, float32 exactly its own", () => {
  const { loss, float32Loss, answersCosine, gradientNormRatio } = checkPrecision(trialOn("cpu"), "bfloat16");
  expect(Math.abs(loss - float32Loss) / float32Loss).toBeLessThan(0.05);
  expect(answersCosine).toBeGreaterThan(0.95);
  expect(Math.abs(Math.log(gradientNormRatio))).toBeLessThan(Math.log(2));
  const same = checkPrecision(trialOn("cpu"), "float32");
  expect(same.loss).toBe(same.float32Loss);
  expect(same.answersCosine).toBeCloseTo(1, 5);
  expect(same.gradientNormRatio).toBeCloseTo(1, 5);
});

test("pictures are as large as in training", () => {
  const trainingInput = { ...detector.input, width: 128, height: 128 } as typeof detector.input;
  const answers = (options: typeof detector) => detectorTrial(options).answers("float32").shape[0]!;
  expect(answers({ ...detector, trainingInput })).toBeGreaterThan(2 * answers(detector));
});

test("the choice moves no random stream, and float32 needs none", () => {
  defaultGenerator.seed(5);
  using before = defaultGenerator.state;
  const warnings: string[] = [];
  choosePrecision("auto", "cpu", trialOn("cpu"), (message) => warnings.push(message)); // whatever is faster here
  expect(choosePrecision("float32", "cpu", trialOn("cpu"), (message) => warnings.push(message))).toBe("float32");
  using after = defaultGenerator.state;
  expect(after.equal(before)).toBe(true);
  expect(warnings).toEqual([]);
});

describe("auto takes the first 16-bit type that is right and faster than float32", () => {
  const right = { loss: 5, float32Loss: 5, answersCosine: 1, gradientNormRatio: 1 };
  const [fast, slow, wrong] = [
    { ...right, speedup: 2 },
    { ...right, speedup: 0.4 },
    { ...right, loss: 9, speedup: 3 },
  ];

  test.each([
    ["an Ampere card", "cuda:0", { bfloat16: fast, float16: fast }, "bfloat16", ["bfloat16"]],
    ["a card that only emulates bfloat16", "cuda:1", { bfloat16: slow, float16: fast }, "float16", ["bfloat16", "float16"]],
    ["a card without kernels for it", "cuda:0", { bfloat16: undefined, float16: fast }, "float16", ["bfloat16", "float16"]],
    ["a card that is no faster in either", "cuda:0", { bfloat16: slow, float16: slow }, "float32", ["bfloat16", "float16"]],
    ["a card that is wrong in bfloat16", "cuda:0", { bfloat16: wrong, float16: fast }, "float16", ["bfloat16", "float16"]],
    ["the CPU", "cpu", { bfloat16: slow, float16: fast }, "float32", ["bfloat16"]],
  ] as const)("%s", (_, device, checks, expected, asked) => {
    const [tried, warnings] = [[] as string[], [] as string[]];
    const check = (candidate: string) => {
      tried.push(candidate);
      return checks[candidate as keyof typeof checks];
    };
    expect(fastestPrecision(device, check, (message) => warnings.push(message))).toBe(expected);
    expect(tried).toEqual(asked);
    expect(warnings).toEqual(
      checks.bfloat16 === wrong
        ? [
            "bfloat16 is not right on this machine (loss 9.0000 against 5.0000, answers 1.000 alike, gradients 1.00 times as large, 3.00 times as fast): it is left alone",
          ]
        : [],
    );
  });
});

test("where a device has no 16-bit types, auto takes float32, and who asks for one is told", () => {
  const warnings: string[] = [];
  expect(choosePrecision("auto", device, trialOn(device), (message) => warnings.push(message))).toBe("float32");
  expect(warnings).toEqual([]);
  expect(() => choosePrecision("bfloat16", device, trialOn(device), () => {})).toThrow(
    "training.precision: libtorch does not compute this network in bfloat16 here",
  );
});

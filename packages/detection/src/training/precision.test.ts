import { defaultGenerator } from "@singleshot/torch";
import { simulatedDevice } from "@singleshot/torch/testing";
import { expect, test } from "vitest";
import { merge, recipes, resolveRecipe } from "../recipes/index.js";
import { checkPrecision, choosePrecision } from "./precision.js";

const tiny = (precision: string) =>
  resolveRecipe(
    merge(recipes.get("ssdlite320-small"), {
      detector: { input: { width: 64, height: 64 }, network: { width: 0.25 } },
      training: { precision },
    }),
  );

const device = simulatedDevice(); // has no 16-bit types

test("bfloat16 gives the right answers, losses and gradients here, float32 exactly its own", () => {
  const { loss, float32Loss, answersCosine, gradientNormRatio } = checkPrecision(tiny("bfloat16").detector, "bfloat16");
  expect(Math.abs(loss - float32Loss) / float32Loss).toBeLessThan(0.05);
  expect(answersCosine).toBeGreaterThan(0.95);
  expect(Math.abs(Math.log(gradientNormRatio))).toBeLessThan(Math.log(2));
  const same = checkPrecision(tiny("float32").detector, "float32");
  expect(same.loss).toBe(same.float32Loss);
  expect(same.answersCosine).toBeCloseTo(1, 5);
  expect(same.gradientNormRatio).toBeCloseTo(1, 5);
});

test("the choice moves no random stream, and float32 needs none", () => {
  defaultGenerator.seed(5);
  using before = defaultGenerator.state;
  const warnings: string[] = [];
  expect(["bfloat16", "float32"]).toContain(choosePrecision(tiny("auto"), "cpu", (message) => warnings.push(message)));
  expect(choosePrecision(tiny("float32"), "cpu", (message) => warnings.push(message))).toBe("float32");
  using after = defaultGenerator.state;
  expect(after.equal(before)).toBe(true);
  expect(warnings).toEqual([]);
});

test("where a device has no 16-bit types, auto takes float32, and who asks for one is told", () => {
  const warnings: string[] = [];
  expect(choosePrecision(tiny("auto"), device, (message) => warnings.push(message))).toBe("float32");
  expect(warnings).toEqual([]);
  expect(() => choosePrecision(tiny("bfloat16"), device, () => {})).toThrow(
    "training.precision: libtorch does not compute this network in bfloat16 here",
  );
});

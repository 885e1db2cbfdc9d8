import { defaultGenerator } from "@singleshot/torch";
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

test("bfloat16 gives nearly the answers and losses of float32, float32 exactly its own", () => {
  const { loss, float32Loss, answersCosine } = checkPrecision(tiny("bfloat16").detector, "bfloat16");
  expect(Math.abs(loss - float32Loss) / float32Loss).toBeLessThan(0.05);
  expect(answersCosine).toBeGreaterThan(0.9);
  const same = checkPrecision(tiny("float32").detector, "float32");
  expect(same.loss).toBe(same.float32Loss);
  expect(same.answersCosine).toBeCloseTo(1, 5);
  expect(same.gradientNormRatio).toBeCloseTo(1, 5);
});

test("the choice moves no random stream, and float32 needs none", () => {
  defaultGenerator.seed(5);
  using before = defaultGenerator.state;
  const warnings: string[] = [];
  const chosen = choosePrecision(tiny("auto"), (message) => warnings.push(message));
  expect(["bfloat16", "float32"]).toContain(chosen);
  if (warnings.length > 0) expect(chosen).toBe("float32"); // libtorch 1.13's gradients in bfloat16 are wrong now and then: it is noticed
  expect(warnings.filter((message) => !message.startsWith("bfloat16 is not right on this machine ("))).toEqual([]);
  expect(choosePrecision(tiny("float32"), (message) => warnings.push(message))).toBe("float32");
  using after = defaultGenerator.state;
  expect(after.equal(before)).toBe(true);
});

import { simulatedDevice } from "@singleshot/torch/testing";
import { expect, test } from "vitest";
import { merge, pretrainingRecipes, resolvePretrainingRecipe } from "../recipes/index.js";
import { withPrecision } from "./precision.js";

const recipe = (precision: string) =>
  resolvePretrainingRecipe(
    merge(pretrainingRecipes.get("classifier-small"), {
      classifier: { network: { name: "mobilenet-v1", width: 0.25 }, side: 64 },
      training: { precision },
    }),
  );

test("a classifier's precision is the recipe's, or, with auto, a 16-bit one where it is right and faster", () => {
  const warnings: string[] = [];
  const chosen = (precision: string, device: Parameters<typeof withPrecision>[1]) =>
    withPrecision(recipe(precision), device, (message) => warnings.push(message)).training.precision;
  expect(chosen("float32", "cpu")).toBe("float32");
  expect(chosen("auto", simulatedDevice())).toBe("float32"); // which has no 16-bit types
  expect(warnings).toEqual([]);
  expect(() => chosen("bfloat16", simulatedDevice())).toThrow(
    "training.precision: libtorch does not compute this network in bfloat16 here",
  );
});

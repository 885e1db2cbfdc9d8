import { expect, test } from "vitest";
import { recipes, resolveRecipe } from "./index.js";
import { withSides } from "./sides.js";

const inputOf = (name: string, sides: Parameters<typeof withSides>[1]) => withSides(resolveRecipe(recipes.get(name)), sides).detector.input;

test("GluonCV's detectors look at pictures in their own shape, as load_test shows them", () => {
  const input = { resize: "sides", shortSides: [512], longSide: 1024, multiple: 1, least: 257, interpolation: "auto" };
  expect(inputOf("ssd512-helmet", { shortSide: 512 })).toEqual(input);
  expect(inputOf("ssd300-vgg16-atrous-voc", { shortSide: 300, longSide: 400 })).toEqual({ ...input, shortSides: [300], longSide: 400 });
});

test("where pictures keep their shape anyway the sides are others, and padding stays", () => {
  expect(inputOf("retinanet-resnet50", { shortSide: 600, longSide: 1000 })).toMatchObject({
    shortSides: [600],
    longSide: 1000,
    multiple: 32,
  });
});

test("networks for one size refuse, and so do sides that contradict each other", () => {
  expect(() => inputOf("mb1-ssd", { shortSide: 512 })).toThrow(
    "--short-side: mb1-ssd looks at pictures of 300 × 300 pixels alone. Leave it out.",
  );
  expect(() => inputOf("ssd512-helmet", { shortSide: 512, longSide: 400 })).toThrow(
    "--long-side: the long side, 400, would be shorter than the short one, 512",
  );
});

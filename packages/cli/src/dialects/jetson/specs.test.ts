import { jetsonDetector, recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { expect, test } from "vitest";
import { specLines } from "./specs.js";

const detector = (resolution: number) =>
  resolveRecipe({ ...recipes.get("mb1-ssd"), detector: jetsonDetector("mb1-ssd", { resolution }) }).detector;

test("at 300 px the priors that are written by hand", () => {
  expect(specLines(detector(300))).toEqual([
    "model resolution 300x300",
    "SSDSpec(feature_map_size=19, shrinkage=16, box_sizes=SSDBoxSizes(min=60, max=105), aspect_ratios=[2, 3])",
    "SSDSpec(feature_map_size=10, shrinkage=32, box_sizes=SSDBoxSizes(min=105, max=150), aspect_ratios=[2, 3])",
    "SSDSpec(feature_map_size=5, shrinkage=64, box_sizes=SSDBoxSizes(min=150, max=195), aspect_ratios=[2, 3])",
    "SSDSpec(feature_map_size=3, shrinkage=100, box_sizes=SSDBoxSizes(min=195, max=240), aspect_ratios=[2, 3])",
    "SSDSpec(feature_map_size=2, shrinkage=150, box_sizes=SSDBoxSizes(min=240, max=285), aspect_ratios=[2, 3])",
    "SSDSpec(feature_map_size=1, shrinkage=300, box_sizes=SSDBoxSizes(min=285, max=330), aspect_ratios=[2, 3])",
  ]);
});

test("at other sizes maps and distances as the original measured them, sides by its rule", () => {
  const numbers = (resolution: number) =>
    specLines(detector(resolution))
      .slice(1)
      .map((line) => /map_size=(\d+), shrinkage=(\d+)/.exec(line)!.slice(1).map(Number));
  expect(numbers(320)).toEqual([
    [20, 16],
    [10, 32],
    [5, 64],
    [3, 107],
    [2, 160],
    [1, 320],
  ]);
  expect(numbers(416)).toEqual([
    [26, 16],
    [13, 32],
    [7, 60],
    [4, 104],
    [2, 208],
    [1, 416],
  ]);
  expect(numbers(640)).toEqual([
    [40, 16],
    [20, 32],
    [10, 64],
    [5, 128],
    [3, 214],
    [2, 320],
  ]);
  expect(specLines(detector(512))[1]).toBe(
    "SSDSpec(feature_map_size=32, shrinkage=16, box_sizes=SSDBoxSizes(min=51.2, max=102.4), aspect_ratios=[2, 3])",
  );
});

test("of other networks nothing is said", () => {
  expect(specLines(resolveRecipe(recipes.get("vgg16-ssd")).detector)).toEqual([]);
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../testing/index.js";
import { readRecipe } from "./read-recipe.js";

const folder = temporaryFolder();
const shipped = resolveRecipe(recipes.get("ssdlite320"));

function file(content: unknown): string {
  const path = join(folder, "recipe.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe("a recipe comes from", () => {
  test("its name", () => {
    expect(readRecipe("ssdlite320")).toEqual(shipped);
  });

  test("a file that `recipes NAME` printed", () => {
    expect(readRecipe(file(shipped))).toEqual(shipped);
  });

  test("a run's config.json", () => {
    expect(readRecipe(file({ recipe: shipped, classes: ["cat"], data: {} }))).toEqual(shipped);
  });

  test("a file that extends another", () => {
    const heir = readRecipe(file({ extends: "ssdlite320", name: "mine", data: { batchSize: 8 } }));
    expect(heir).toEqual({ ...shipped, name: "mine", data: { ...shipped.data, batchSize: 8 } });
  });
});

test("flags go over the file, and the file over what it extends", () => {
  const mine = file({ extends: "ssdlite320", data: { batchSize: 8, workers: 3 }, schedule: { epochs: 7 } });
  const { data, schedule, training } = readRecipe(mine, { epochs: 9, batchSize: 4, seed: 5 });
  expect(data).toEqual({ ...shipped.data, batchSize: 4, workers: 3 });
  expect(schedule).toEqual({ ...shipped.schedule, epochs: 9 });
  expect(training.seed).toBe(5);
});

test("--set reaches every key: numbers, texts, lists and their elements, whole parts", () => {
  const set = [
    "optimizer.learningRate=0.25",
    "data.augmentation=ssd",
    "detector.normalization.mean=[0.1,0.2,0.3]",
    "detector.anchors.levels.1.ratios=[4]",
    "data.lastBatch=keep",
    'schedule={"name":"constant"}',
    "schedule.epochs=3",
  ];
  const { optimizer, data, detector, schedule } = readRecipe("ssdlite320", { set });
  expect(optimizer).toEqual({ ...shipped.optimizer, learningRate: 0.25 });
  expect(data).toEqual({ ...shipped.data, augmentation: "ssd", lastBatch: "keep" });
  expect(detector.normalization.mean).toEqual([0.1, 0.2, 0.3]);
  expect(detector.anchors.levels).toEqual(shipped.detector.anchors.levels.map((level, i) => (i === 1 ? { ...level, ratios: [4] } : level)));
  expect(schedule).toMatchObject({ name: "constant", epochs: 3 });
});

test("published weights bring what is otherwise in their network, and settings go over it", () => {
  const weights = "RetinaNet_ResNet50_FPN_Weights.COCO_V1";
  const networkOf = (set: string[]) => readRecipe("retinanet-resnet50", { weights, set }).detector.network;
  expect(networkOf([])).toMatchObject({ norm: "frozen", normEps: 0 });
  expect(networkOf(["detector.network.normEps=0.5"])).toMatchObject({ norm: "frozen", normEps: 0.5 });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nn, scope, serialize, type Tensor, tensor } from "@singleshot/torch";
import type { Dataset, DatasetEntry } from "@singleshot/vision";
import { writePicture } from "@singleshot/vision/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { classifiers, resnet50 } from "../backbones/index.js";
import { merge, pretrainingRecipes, resolvePretrainingRecipe } from "../recipes/index.js";
import { requireOneClassEach } from "./classes.js";
import { evaluateClassifier } from "./evaluate.js";
import { passesOf } from "./length.js";
import { accuracyOf, ranksOf } from "./ranks.js";
import { startingWeights } from "./starting-weights.js";

const root = mkdtempSync(join(tmpdir(), "singleshot-classifier-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Holds a picture for what its colours are: class c as likely as channel c is bright. */
class ByColor extends nn.Layer {
  forward(images: Tensor): Tensor {
    return images.mean([2, 3]);
  }
}

const entry = (id: string, label: number): DatasetEntry => ({
  ...{ id, imageFile: join(root, `${id}.png`), width: 40, height: 20, source: id },
  ...{ boxes: Float32Array.of(0, 0, 40, 20), labels: Int32Array.of(label), flags: new Uint8Array(1) },
});

/** Red in the middle, which is all that a centre crop sees, and blue beside it. */
const middleRed = (x: number) => (x >= 10 && x < 30 ? [200, 100, 0] : [0, 0, 250]);

beforeAll(async () => {
  const data = Uint8Array.from({ length: 3 * 40 * 20 }, (_, k) => middleRed(Math.floor(k / 3) % 40)[k % 3]!);
  for (const id of ["a", "b", "c", "d"]) await writePicture(join(root, `${id}.png`), { data, width: 40, height: 20 });
});

const dataset = {
  name: "colours",
  classes: ["red", "green", "blue"],
  entries: [entry("a", 1), entry("b", 1), entry("c", 2), entry("d", 1)],
} as Dataset;

const recipe = (evaluation: object) =>
  resolvePretrainingRecipe(
    merge(pretrainingRecipes.get("classifier-small"), {
      classifier: { side: 20, normalization: { mean: [0, 0, 0], std: [1, 1, 1] } },
      ...{ data: { batchSize: 3, workers: 0 }, evaluation },
    }),
  );

describe("an evaluation", () => {
  test("counts classes, and weighs every picture alike, whatever the batches", async () => {
    const result = await evaluateClassifier(new ByColor(), dataset, recipe({}));
    const [red, green] = [200 / 255, 100 / 255].map((bright) => Math.log(Math.exp(200 / 255) + Math.exp(100 / 255) + 1) - bright);
    expect(result.loss).toBeCloseTo((3 * red! + green!) / 4, 5);
    expect(result).toMatchObject({ top1: 0.75, top5: null, images: 4 });
    expect(result.classes).toEqual([
      { name: "red", pictures: 3, accuracy: 1 },
      { name: "green", pictures: 1, accuracy: 0 },
      { name: "blue", pictures: 0, accuracy: null },
    ]);
  });

  test("sees the middle square, or all of a picture stretched", async () => {
    const top1 = async (centerCrop: boolean) => (await evaluateClassifier(new ByColor(), dataset, recipe({ centerCrop }))).top1;
    expect([await top1(true), await top1(false)]).toEqual([0.75, 0]); // half of the stretched pictures is blue
  });
});

test("a rank is the number of classes held at least as likely; ties and what is no number count as wrong", () => {
  const logits = tensor([
    [3, 2, 1],
    [1, 2, 3],
    [1, 1, 0],
    [Number.NaN, Number.NaN, Number.NaN],
  ]);
  const ranks = scope(() => ranksOf(logits, tensor(BigInt64Array.of(0n, 0n, 0n, 0n))));
  expect(ranks).toEqual([0, 2, 1, 2]);
  expect([accuracyOf(ranks), accuracyOf(ranks, 2)]).toEqual([0.25, 0.5]);
});

test("so many steps are as many passes as it takes, the last cut short; batches may be late where the last of a pass rolls over", () => {
  expect(passesOf(7, (passes) => Array(passes).fill(3), 8)).toEqual([3, 3, 1]);
  expect(passesOf(3, (passes) => Array(passes).fill(100), 8)).toEqual([3]);
  expect(passesOf(2, (passes) => [0, 0, 1, 0, 0, 1, 0, 0].slice(0, passes), 3)).toEqual([0, 0, 1, 0, 0, 1]);
});

describe("a classifier's data", () => {
  const refusals: [what: string, change: Partial<Dataset>, message: string][] = [
    ["one class", { classes: ["red"] }, "colours: a classifier needs two classes or more, here is one."],
    [
      "pictures of several",
      { entries: [{ ...entry("x", 1), labels: Int32Array.of(1, 3) }] },
      "colours: x shows red and blue: a classifier needs pictures of one class each.",
    ],
    [
      "pictures without objects",
      { entries: [{ ...entry("x", 1), labels: new Int32Array(0) }] },
      "colours: x shows nothing: a classifier needs pictures of one class each.",
    ],
  ];
  const fix = "Give it a folder of pictures for each class; `singleshot data convert --to folder` cuts the objects of any data set out.";

  test.each(refusals)("is refused: %s", (_, change, message) => {
    expect(() => requireOneClassEach({ ...dataset, ...change })).toThrow(expect.objectContaining({ message: `${message} ${fix}` }));
  });
});

describe("weights to start from", () => {
  const saved = (name: string, module: nn.Module) => {
    const file = join(root, `${name}.pth`);
    serialize.save(file, module.stateDict());
    return file;
  };

  test("fit a classifier of other classes but for its last layer, and torchvision's ResNet the tutorial's extractor", () => {
    const told: string[] = [];
    const [from, extractor] = [resnet50({ classes: 4 }), classifiers.get("resnet50-extractor")!({ classes: 3 })];
    const file = saved("resnet", from);
    const before = extractor.stateDict().get("fc.weight")!.detach().clone();
    startingWeights(extractor, file, (message) => told.push(message));
    const [theirs, own] = [[...from.stateDict().values()], [...extractor.stateDict().values()]];
    expect(theirs.slice(0, -2).every((value, i) => value.equal(own[i]!))).toBe(true);
    expect(extractor.stateDict().get("fc.weight")!.equal(before)).toBe(true);
    expect(told).toEqual([`${file} was made for other classes: the last layer starts anew`]);
  });

  test("of another network are refused", () => {
    const file = saved("squeeze", classifiers.get("squeezenet1-1")!({ classes: 2 }));
    expect(() => startingWeights(classifiers.get("mobilenet-v1")!({ classes: 2 }), file, () => {})).toThrow(
      /squeeze\.pth: the state dict does not fit/,
    );
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectClose } from "@singleshot/testing";
import { defaultGenerator, liveTensors, noGrad, ops, scope, serialize, type Tensor, tensor } from "@singleshot/torch";
import type { InputOptions, Size } from "@singleshot/vision";
import { afterAll, describe, expect, test } from "vitest";
import { merge, type Recipe, recipes, resolveRecipe } from "../recipes/index.js";
import { createDetector, type Detector, networks } from "./index.js";

const classes = ["one", "two", "three"];
const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every network that a recipe names, with fresh weights from a fixed seed. */
const rows = [...recipes].map(([name, input]): [string, Recipe] => {
  const recipe = resolveRecipe(input);
  const classification = { ...recipe.detector.loss.classification, classWeights: undefined }; // those belong to the recipe's own classes
  return [name, resolveRecipe(merge(recipe, { detector: { loss: { classification } } }))];
});

function fresh({ detector }: Recipe): Detector {
  defaultGenerator.seed(7);
  return createDetector(detector, classes);
}

/** What the network sees of a picture of 4 : 3; small where it takes any size. */
function inputSize(input: InputOptions): Size {
  return input.resize === "sides" ? { width: 160, height: 128 } : input;
}

/** [N, 3, H, W] bytes, channels-last. */
function pictures({ detector }: Recipe, N: number): Tensor {
  const { width, height } = inputSize(detector.input);
  return scope(() => ops.rand([N, height, width, 3], defaultGenerator.seed(3)).mul(255).to("uint8").permute([0, 3, 1, 2]));
}

function lossOf(detector: Detector, images: Tensor, counts: number[]) {
  const truth = {
    boxes: tensor(counts.map(() => [[20, 20, 90, 80]])),
    labels: ops.ones([counts.length, 1], { dtype: "int64" }),
    counts: tensor(BigInt64Array.from(counts, BigInt)),
  };
  const { classification, regression } = detector.loss(detector.forward(detector.normalize(images)), truth);
  return classification.add(regression);
}

test("every network of the registry is trained by a recipe", () => {
  expect(new Set(rows.map(([, { detector }]) => detector.network.name))).toEqual(new Set(Object.keys(networks)));
});

describe.each(rows)("the detector of %s", (_, recipe) => {
  test.each([
    ["two pictures", [1, 1]],
    ["a picture alone", [1]],
    ["pictures without boxes", [0, 0]],
  ])("trains on %s: a finite loss, and a finite gradient for every parameter", (__, counts) => {
    const detector = fresh(recipe).train();
    scope(() => {
      const loss = lossOf(detector, pictures(recipe, counts.length), counts);
      expect(loss.item()).toBeGreaterThanOrEqual(0);
      loss.backward();
      for (const [name, parameter] of detector.parameters()) expect(parameter.grad?.isfinite().all().item(), name).toBe(true);
    });
    detector.dispose();
  });

  test("a picture alone and in a batch gives the same detections", () => {
    const detector = fresh(recipe).eval();
    scope(() =>
      noGrad(() => {
        const both = pictures(recipe, 2);
        const answers = (images: Tensor) => detector.forward(detector.normalize(images));
        const second = answers(both.narrow(0, 1, 1).contiguous({ memoryFormat: "channelsLast" }));
        const batch = answers(both);
        const tolerance = { rtol: 1e-4, atol: 1e-5 };
        expectClose([...second.logits.toTypedArray()], [...batch.logits.narrow(0, 1, 1).toTypedArray()], tolerance);
        expectClose([...second.deltas.toTypedArray()], [...batch.deltas.narrow(0, 1, 1).toTypedArray()], tolerance);
      }),
    );
  });

  test("every anchor has an answer, and every answer an anchor", () => {
    const detector = fresh(recipe).eval();
    scope(() =>
      noGrad(() => {
        const { logits, deltas, anchors } = detector.forward(detector.normalize(pictures(recipe, 1)));
        expect(logits.shape).toEqual([1, anchors.xyxy.shape[0], classes.length + 1]);
        expect(deltas.shape).toEqual([1, anchors.xyxy.shape[0], 4]);
      }),
    );
  });

  test("saved and loaded it is the same, and nothing of the file stays in memory", () => {
    const [first, second] = [fresh(recipe), fresh(recipe)];
    for (const parameter of second.parameters().values()) noGrad(() => parameter.zero_());
    const path = join(folder, "weights.pth");
    serialize.save(path, first.stateDict());
    const before = liveTensors();
    const saved = serialize.load(path) as Map<string, Tensor>;
    second.loadStateDict(saved);
    for (const value of saved.values()) value.dispose();
    expect(liveTensors()).toBe(before);
    const [a, b] = [first.stateDict(), second.stateDict()];
    expect([...b.keys()]).toEqual([...a.keys()]);
    for (const [key, value] of a) expect(b.get(key)!.equal(value), key).toBe(true);
  });
});

test("ssdlite320 with COCO's 91 labels has the published number of parameters", () => {
  const labels = Array.from({ length: 90 }, (_, i) => `class ${i + 1}`);
  const detector = createDetector(resolveRecipe(recipes.get("ssdlite320")).detector, labels);
  expect([...detector.parameters().values()].reduce((sum, { size }) => sum + size, 0)).toBe(3_440_060);
});

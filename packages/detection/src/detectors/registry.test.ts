import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectClose } from "@singleshot/testing";
import { defaultGenerator, inferenceMode, liveTensors, noGrad, ops, scope, serialize, type Tensor, tensor } from "@singleshot/torch";
import { batchSize, type InputOptions, type Size } from "@singleshot/vision";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DetectorOptions, type NetworkName, type Recipe, recipes, resolveRecipe } from "../recipes/index.js";
import { createDetector, type Detector, freeze, networks } from "./index.js";

const classes = ["one", "two", "three"];
const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A recipe's detector for other classes than its own. */
function forAnyClasses(recipe: Recipe): Recipe {
  const { loss } = recipe.detector;
  const classification = { ...loss.classification, classWeights: undefined };
  return { ...recipe, detector: { ...recipe.detector, loss: { ...loss, classification } } } as Recipe;
}

const resolved = [...recipes].map(([name, input]): [string, Recipe] => [name, forAnyClasses(resolveRecipe(input))]);

/** Of recipes that train the same detector, the first. */
const rows = new Map(
  resolved.toReversed().map(([name, recipe]): [string, [string, Recipe]] => {
    const { postprocess: _, ...trained } = recipe.detector;
    return [JSON.stringify(trained), [name, recipe]];
  }),
);

function fresh({ detector }: Recipe): Detector {
  defaultGenerator.seed(7);
  return createDetector(detector, classes);
}

/** Where a network takes smaller pictures than its recipe's. */
const SMALL: Partial<Record<NetworkName, Size>> = {
  "retinanet-scratch": { width: 161, height: 129 }, // any sides of 32k + 1
  "ssd-vgg16-atrous": { width: 300, height: 300 },
};

/** What the network sees of a picture; small where it takes any size. */
function inputSize({ network, input }: DetectorOptions): Size {
  return SMALL[network.name] ?? (input.resize === "sides" ? { width: 160, height: 128 } : input);
}

/** [N, 3, H, W] bytes, channels-last. */
function pictures({ detector }: Recipe, N: number): Tensor {
  const { width, height } = inputSize(detector);
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

const situations: [string, number[]][] = [
  ["two pictures, one without boxes", [1, 0]],
  ["a picture alone", [1]],
  ["a picture alone, without boxes", [0]],
];

test("every network of the registry is trained by a recipe", () => {
  expect(new Set([...rows.values()].map(([, { detector }]) => detector.network.name))).toEqual(new Set(Object.keys(networks)));
});

describe.each([...rows.values()].toReversed())("the detector of %s", (_, recipe) => {
  let detector: Detector; // one for all tests: to make it takes seconds
  beforeAll(() => {
    detector = fresh(recipe);
  });
  afterAll(() => detector.dispose());

  test.each(situations)("trains on %s: a finite loss, and a finite gradient for every parameter that has one", (__, counts) => {
    detector.train().zeroGrad();
    scope(() => {
      const loss = lossOf(detector, pictures(recipe, counts.length), counts);
      expect(loss.item()).toBeGreaterThanOrEqual(0);
      loss.backward();
      for (const [name, parameter] of detector.parameters()) expect(parameter.grad?.isfinite().all().item() ?? true, name).toBe(true);
      for (const layer of detector.network.classLayers) expect(layer.weight.grad).not.toBe(null);
    });
  });

  test("a picture alone and in a batch gives the same detections; every anchor has an answer, and every answer an anchor", () => {
    detector.eval();
    scope(() =>
      noGrad(() => {
        const both = pictures(recipe, 2);
        const answers = (images: Tensor) => detector.forward(detector.normalize(images));
        const second = answers(both.narrow(0, 1, 1).contiguous({ memoryFormat: "channelsLast" }));
        const batch = answers(both);
        for (const answer of ["logits", "deltas"] as const) {
          const theirs = batch[answer].narrow(0, 1, 1).toTypedArray();
          const mean = theirs.reduce((sum, value) => sum + Math.abs(value), 0) / theirs.length;
          expectClose([...second[answer].toTypedArray()], [...theirs], { rtol: 1e-4, atol: 1e-5 * Math.max(1, mean), name: answer });
        }
        const [alone, together] = [detector.postprocess(second)[0]!, detector.postprocess(batch)[1]!];
        expectClose(alone.scores, together.scores, { rtol: 1e-4, atol: 1e-5, name: "scores" });

        const A = second.anchors.xyxy.shape[0];
        const channels = classes.length + (recipe.detector.scores === "sigmoid" ? 0 : 1);
        expect([second.logits.shape, second.deltas.shape]).toEqual([
          [1, A, channels],
          [1, A, 4],
        ]);
        expect(second.levels.reduce((sum, count) => sum + count, 0)).toBe(A);
      }),
    );
  });

  test("saved and loaded it is the same, and nothing of the file stays in memory", () => {
    const state = detector.stateDict();
    const path = join(folder, "weights.pth");
    serialize.save(path, state);
    scope(() => {
      const values = new Map([...state].map(([key, value]) => [key, value.detach().clone()]));
      for (const parameter of detector.parameters().values()) noGrad(() => parameter.zero_());
      const before = liveTensors();
      const saved = serialize.load(path) as Map<string, Tensor>;
      detector.loadStateDict(saved);
      for (const value of saved.values()) value.dispose();
      expect(liveTensors()).toBe(before);
      expect([...detector.stateDict().keys()]).toEqual([...values.keys()]);
      for (const [key, value] of values) expect(state.get(key)!.equal(value), key).toBe(true);
    });
  });

  test("frozen, its backbone gets no gradient and keeps its statistics, and the rest trains", () => {
    detector.zeroGrad();
    freeze(detector, "backbone");
    detector.train();
    const frozen = new Set(detector.network.stages.flat().flatMap((module) => [...module.stateDict().values()]));
    expect(frozen.size).toBeGreaterThan(0);
    scope(() => {
      const before = new Map([...frozen].map((entry) => [entry, entry.detach().clone()]));
      lossOf(detector, pictures(recipe, 1), [1]).backward();
      for (const [name, parameter] of detector.parameters()) if (frozen.has(parameter)) expect(parameter.grad, name).toBe(null);
      for (const [entry, values] of before) expect(entry.equal(values)).toBe(true);
      expect(detector.network.classLayers.every(({ weight }) => weight.grad !== null)).toBe(true);
    });
  });
});

const stated = resolved.filter(([, { facts }]) => facts);

test.each(stated)("%s has the parameters and anchors that its recipe states", (_, { detector: options, facts }) => {
  const detector = createDetector(
    options,
    Array.from({ length: facts!.classes }, (__, i) => `class ${i + 1}`),
  ).eval();
  const parameters = [...detector.parameters().values()].reduce((sum, { size }) => sum + size, 0);
  const { width, height } = largestInput(options.input);
  const anchors = scope(() => inferenceMode(() => detector.forward(ops.zeros([1, 3, height, width])).anchors.xyxy.shape[0]));
  expect({ parameters, anchors }).toEqual({ parameters: facts!.parameters, anchors: facts!.anchors });
  detector.dispose();
});

/** All that fits; where a batch is padded, the largest batch. */
function largestInput(input: InputOptions): Size {
  if (input.resize !== "sides") return input;
  return batchSize(input, [{ width: input.longSide, height: Math.max(...input.shortSides) }]);
}

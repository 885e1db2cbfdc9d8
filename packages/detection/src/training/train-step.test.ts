import { expectClose } from "@singleshot/testing";
import { defaultGenerator, ops, scope, tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { createDetector } from "../detectors/index.js";
import type { Batch } from "../loader/index.js";
import { type Recipe, recipes, resolveRecipe } from "../recipes/index.js";
import type { TrainingState } from "./checkpoint.js";
import { createOptimizer } from "./optimizer.js";
import { trainStep } from "./train-step.js";

/** A net of 64 × 64 pixels whose steps are plain gradient descent without momentum: what it moves is what its gradients were. */
function tiny(microBatchSize?: number): Recipe {
  const small = resolveRecipe(recipes.get("ssdlite320-small"));
  return {
    ...small,
    detector: {
      ...small.detector,
      input: { resize: "stretch", width: 64, height: 64 },
      network: { ...small.detector.network, width: 0.25, norm: { eps: 1e-3, momentum: 0.1 } } as Recipe["detector"]["network"],
    },
    optimizer: { name: "sgd", learningRate: 0.01, momentum: 0, nesterov: false, weightDecay: 0 },
    schedule: { name: "constant", epochs: 1, warmupSteps: 0, warmupFactor: 1, warmupInFirstEpoch: false },
    training: { ...small.training, ...(microBatchSize && { microBatchSize }) },
  };
}

function stateOf(recipe: Recipe): TrainingState {
  defaultGenerator.seed(1);
  const detector = createDetector(recipe.detector, ["thing"]).train();
  return {
    detector,
    optimizer: createOptimizer(detector, recipe.optimizer),
    ema: undefined,
    progress: { epoch: 0, step: 0, globalStep: 0, best: null, recordedBytes: 0 },
  };
}

/** Pictures of noise with one box each; `from` and `count` cut the same four. */
function batchOf(from = 0, count = 4, boxes = [10, 12, 40, 44]): Batch {
  const all = scope(() => ops.rand([4, 64, 64, 3], defaultGenerator.seed(2)).mul(255).to("uint8").permute([0, 3, 1, 2]));
  return {
    images: all.narrow(0, from, count),
    boxes: tensor(Array.from({ length: count }, () => [boxes])),
    labels: ops.ones([count, 1], { dtype: "int64" }),
    counts: ops.ones([count], { dtype: "int64" }),
    placements: [],
    entries: Array.from({ length: count }, (_, i) => ({ id: `picture ${from + i}` }) as Batch["entries"][number]),
    [Symbol.dispose]: () => {},
  };
}

/** What a step changed, in one array. */
function change(recipe: Recipe, batch: Batch) {
  const state = stateOf(recipe);
  const values = () =>
    scope(() => ops.cat([...state.detector.parameters().values()].map((parameter) => parameter.detach().flatten())).toTypedArray());
  const before = values();
  const result = trainStep(state, batch, recipe, 1);
  const after = values();
  return { result, delta: after.map((value, i) => value - before[i]!) };
}

describe("a batch computed in parts", () => {
  test("moves the weights by the mean of what its parts would", () => {
    const parts = [change(tiny(), batchOf(0, 2)), change(tiny(), batchOf(2, 2))];
    const whole = change(tiny(2), batchOf());
    const mean = parts[0]!.delta.map((value, i) => (value + parts[1]!.delta[i]!) / 2);
    // the second part's running statistics differ, its gradients do not: batch norm trains on the batch's own
    expectClose(whole.delta, mean, { rtol: 1e-3, atol: 2e-6 });
    expect(whole.result.loss).toBeCloseTo((parts[0]!.result.loss + parts[1]!.result.loss) / 2, 5);
  });

  test("in one part is the batch itself", () => {
    expect(change(tiny(4), batchOf())).toEqual(change(tiny(), batchOf()));
  });
});

test("a loss that is not finite names step and pictures, and changes nothing", () => {
  const state = stateOf(tiny());
  const before = [...state.detector.parameters().values()].map((parameter) => parameter.toTypedArray());
  const poisoned = batchOf(0, 2, [Number.NaN, 12, 40, 44]);
  expect(() => trainStep(state, poisoned, tiny(), 1)).toThrow(InputError);
  expect(() => trainStep(state, poisoned, tiny(), 1)).toThrow(
    /^step 1: the loss is not finite .* on picture 0, picture 1\. Lower the learning rate/,
  );
  expect([...state.detector.parameters().values()].map((parameter) => parameter.toTypedArray())).toEqual(before);
});

import { expectClose } from "@singleshot/testing";
import { defaultGenerator, inferenceMode, noGrad, ops, optim, scope, tensor } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { createDetector, type Detector } from "../detectors/index.js";
import type { Batch } from "../loader/index.js";
import { type Recipe, recipes, resolveRecipe } from "../recipes/index.js";
import { NotFinite } from "./not-finite.js";
import { type TrainingState, trainingState } from "./run/index.js";
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
    schedule: { name: "constant", epochs: 1, warmupSteps: 0, warmupFactor: 1, warmupInFirstEpoch: false, startsAfterWarmup: false },
    training: { ...small.training, ...(microBatchSize && { microBatchSize }) },
  };
}

function stateOf(recipe: Recipe): Promise<TrainingState<Detector>> {
  defaultGenerator.seed(1);
  return trainingState(createDetector(recipe.detector, ["thing"]).train(), recipe);
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
    index: 0,
    entries: Array.from({ length: count }, (_, i) => ({ id: `picture ${from + i}` }) as Batch["entries"][number]),
    [Symbol.dispose]: () => {},
  };
}

/** What a step changed, in one array. */
async function change(recipe: Recipe, batch: Batch) {
  const state = await stateOf(recipe);
  const values = () =>
    scope(() => ops.cat([...state.model.parameters().values()].map((parameter) => parameter.detach().flatten())).toTypedArray());
  const before = values();
  const result = await trainStep(state, batch, recipe);
  const after = values();
  return { result, delta: after.map((value, i) => value - before[i]!) };
}

describe("a batch computed in parts", () => {
  test("moves the weights by the mean of what its parts would", async () => {
    const parts = [await change(tiny(), batchOf(0, 2)), await change(tiny(), batchOf(2, 2))];
    const whole = await change(tiny(2), batchOf());
    const mean = parts[0]!.delta.map((value, i) => (value + parts[1]!.delta[i]!) / 2);
    // the second part's running statistics differ, its gradients do not: batch norm trains on the batch's own
    expectClose(whole.delta, mean, { rtol: 1e-3, atol: 2e-6 });
    expect(whole.result.loss).toBeCloseTo((parts[0]!.result.loss + parts[1]!.result.loss) / 2, 5);
  });

  test("in one part is the batch itself", () => {
    expect(change(tiny(4), batchOf())).toEqual(change(tiny(), batchOf()));
  });
});

describe("a number that is not finite stops the step and is named; nothing has been changed", () => {
  const wanted = (model: Detector) => [...model.parameters()].find(([, { shape }]) => shape.length === 4)![1];
  const rows: [what: string, poison: (state: TrainingState<Detector>) => Batch, message: RegExp][] = [
    [
      "a box",
      () => batchOf(0, 2, [Number.NaN, 12, 40, 44]),
      /^the loss is not finite \(classification .*, regression NaN\): a box is not$/,
    ],
    [
      "a weight",
      ({ model }) => {
        noGrad(() => wanted(model).fill_(Number.NaN));
        return batchOf(0, 2);
      },
      /^the loss is not finite \(classification NaN, regression NaN\): the weights backbone\.features\.0\.0\.0\.weight are not$/,
    ],
    [
      "the learning rate",
      ({ optimizer }) => {
        optimizer.learningRate = Number.POSITIVE_INFINITY;
        return batchOf(0, 2);
      },
      /^the learning rate is Infinity$/,
    ],
  ];
  test.each(rows)("%s", async (_, poison, message) => {
    const state = await stateOf(tiny());
    const batch = poison(state);
    const before = [...state.model.parameters().values()].map((parameter) => parameter.toTypedArray());
    await expect(trainStep(state, batch, tiny())).rejects.toThrow(NotFinite);
    await expect(trainStep(state, batch, tiny())).rejects.toThrow(expect.objectContaining({ what: expect.stringMatching(message) }));
    expect([...state.model.parameters().values()].map((parameter) => parameter.toTypedArray())).toEqual(before);
  });

  test("a gradient", async () => {
    const state = await stateOf(tiny());
    const [key, parameter] = [...state.model.parameters()][0]!;
    const before = parameter.toTypedArray();
    parameter.grad = ops.fullLike(parameter, Number.NaN); // what another part of the batch has left
    await expect(trainStep(state, batchOf(0, 2), tiny())).rejects.toThrow(`the gradient of ${key} is not finite`);
    expect(parameter.toTypedArray()).toEqual(before);
  });

  test("with a gradient scaler a gradient that overflowed leaves the step out and lowers the scale", async () => {
    const state = { ...(await stateOf(tiny())), scaler: new optim.GradScaler({ initialScale: 1024 }) };
    const [, parameter] = [...state.model.parameters()][0]!;
    const before = parameter.toTypedArray();
    parameter.grad = ops.fullLike(parameter, Number.POSITIVE_INFINITY);
    await trainStep(state, batchOf(0, 2), tiny());
    expect(parameter.toTypedArray()).toEqual(before);
    expect(state.scaler.stateDict().get("scale")).toBe(512);
    await trainStep(state, batchOf(0, 2), tiny());
    expect(parameter.toTypedArray()).not.toEqual(before);
  });
});

test("a detector that was looked through first is trained as any other, by a loss of boxes too", async () => {
  const recipe = tiny();
  const { loss } = recipe.detector;
  const byBoxes = { ...recipe, detector: { ...recipe.detector, loss: { ...loss, regression: { name: "giou", weight: 1 } as const } } };
  const fresh = await trainStep(await stateOf(byBoxes), batchOf(), byBoxes);
  const state = await stateOf(byBoxes);
  state.model.eval();
  scope(() => inferenceMode(() => state.model.forward(state.model.normalize(batchOf().images))));
  state.model.train();
  expect(await trainStep(state, batchOf(), byBoxes)).toEqual(fresh);
});

import { afterAll, describe, expect, test } from "vitest";
import { createDetector, freeze } from "../detectors/index.js";
import { merge, type OptimizerOptions, recipes, resolveRecipe } from "../recipes/index.js";
import { createOptimizer } from "./optimizer.js";

const recipe = resolveRecipe(merge(recipes.get("ssdlite320-small"), { detector: { network: { width: 0.25 } } }));
const detector = createDetector(recipe.detector, ["one", "two"]);
afterAll(() => detector.dispose());

const sgd = { name: "sgd", learningRate: 0.01, momentum: 0.9, nesterov: false, weightDecay: 5e-4 } satisfies OptimizerOptions;
const parameters = [...detector.parameters()];
const nameOf = new Map(parameters.map(([key, parameter]) => [parameter, key]));

function groupsOf(options: OptimizerOptions) {
  const { groups } = createOptimizer(detector, options);
  return groups.map(({ parameters: own, ...group }) => ({ ...group, keys: own.map((parameter) => nameOf.get(parameter)!) }));
}
const all = parameters.map(([key]) => key);

describe("the groups of an optimizer", () => {
  test("are one where nothing has a setting of its own, in the network's order", () => {
    const [group, ...others] = groupsOf(sgd);
    expect(others).toEqual([]);
    expect(group).toMatchObject({ learningRateScale: 1, weightDecay: 5e-4, keys: all });
  });

  test("are backbone, extras and heads with rates of their own: every parameter is in one", () => {
    const groups = groupsOf({ ...sgd, backboneLearningRate: 0.001, extrasLearningRate: 0.02 });
    expect(groups.map(({ name, learningRateScale }) => [name, learningRateScale])).toEqual([
      ["backbone", 0.1],
      ["extras", 2],
      ["heads", 1],
    ]);
    expect(groups.flatMap(({ keys }) => keys).sort()).toEqual([...all].sort());
    const [backbone, extras, heads] = groups.map(({ keys }) => keys);
    expect(backbone!.every((key) => key.startsWith("backbone.features"))).toBe(true);
    expect(extras!.every((key) => key.startsWith("backbone.extra"))).toBe(true);
    expect(heads!.every((key) => key.startsWith("head."))).toBe(true);
  });

  test("part norms from all else with normWeightDecay, norms first as torchvision has them, and biases with biasWeightDecay", () => {
    const [norms, weights] = groupsOf({ ...sgd, normWeightDecay: 0 });
    expect([norms!.weightDecay, weights!.weightDecay]).toEqual([0, 5e-4]);
    expect(weights!.keys.some((key) => key.endsWith(".bias"))).toBe(true); // of convolutions: decayed
    const three = groupsOf({ ...sgd, normWeightDecay: 0, biasWeightDecay: 1e-5 });
    expect(three.map(({ weightDecay }) => weightDecay)).toEqual([0, 5e-4, 1e-5]);
    expect(three[0]!.keys).toEqual(norms!.keys);
    expect(three[2]!.keys.every((key) => key.endsWith(".bias"))).toBe(true);
    expect(three[1]!.keys.every((key) => key.endsWith(".weight"))).toBe(true);
  });

  test("hold what trains, nothing that is frozen", () => {
    const frozen = createDetector(recipe.detector, ["one"]);
    freeze(frozen, "all-but-heads");
    const { groups } = createOptimizer(frozen, { ...sgd, backboneLearningRate: 0.001 });
    expect(groups.map(({ name }) => name)).toEqual(["heads"]);
    frozen.dispose();
  });
});

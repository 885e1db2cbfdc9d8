import { defaultGenerator, noGrad, ops, scope, type Tensor } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { merge, recipes, resolveRecipe } from "../../recipes/index.js";
import { createDetector, type Detector, resetClasses } from "../index.js";

const focal = { scores: "sigmoid", loss: { classification: { name: "focal" } } };

/** A network of each family, and one whose classes have no background beside them. */
const families: [family: string, recipe: string, over: object, side: number][] = [
  ["torchvision's SSDlite", "ssdlite320", {}, 64],
  ["SSDlite with a sigmoid for each class", "ssdlite320", focal, 64],
  ["pytorch-ssd's MobileNetV2", "mb2-ssd-lite", {}, 64],
  ["pytorch-ssd's MobileNetV1", "mb1-ssd", {}, 64],
  ["GluonCV's VGG16", "ssd300-vgg16-atrous-voc", {}, 270],
];

const classes = ["hat", "person", "dog"];

function detectorOf(recipe: string, over: object): Detector {
  defaultGenerator.seed(5);
  return createDetector(resolveRecipe(merge(recipes.get(recipe), { detector: over })).detector, classes).eval();
}

/** The network's answers for one picture, [A, C] and [A, 4]. */
function answers(detector: Detector, side: number): { logits: Tensor; deltas: Tensor } {
  return scope(() =>
    noGrad(() => {
      const images = ops.rand([1, 3, side, side], defaultGenerator.seed(3)).contiguous({ memoryFormat: "channelsLast" });
      const { logits, deltas } = detector.network.answer(detector.network.features(images));
      return { logits: logits.squeeze(0), deltas: deltas.squeeze(0) };
    }),
  );
}

/** The largest difference, as a share of the largest number. */
const distance = (ours: Tensor, theirs: Tensor): number => scope(() => ours.sub(theirs).abs().max().div(theirs.abs().max()).item());

describe.each(families)("%s", (_, recipe, over, side) => {
  const before = detectorOf(recipe, over);
  const old = answers(before, side);
  const background = before.options.scores === "sigmoid" ? 0 : 1;
  const columnOf = (detector: Detector, logits: Tensor, name: string) =>
    logits.select(1, name === "background" ? 0 : detector.classes.indexOf(name) + background);

  test.each([
    ["a class more", ["hat", "person", "dog", "cat"], ["cat"], []],
    ["another order", ["dog", "hat", "person"], [], []],
    ["as many, with other names", ["cat", "person", "bird"], ["cat", "bird"], ["hat", "dog"]],
    ["a single class", ["dog"], [], ["hat", "person"]],
  ])("%s: what stays answers as before, what is new starts anew", (__, names, added, dropped) => {
    const { detector: after, ...report } = resetClasses(before, names);
    expect(report).toEqual({ kept: names.filter((name) => classes.includes(name)), added, dropped });
    const { logits, deltas } = answers(after.eval(), side);
    expect(logits.shape).toEqual([old.logits.shape[0], names.length + background]);
    expect(deltas.equal(old.deltas)).toBe(true);
    const change = (name: string, other = name) => distance(columnOf(after, logits, name), columnOf(before, old.logits, other));
    for (const name of [...report.kept, ...(background ? ["background"] : [])]) expect(change(name), name).toBeLessThan(1e-5);
    for (const name of added) for (const other of classes) expect(change(name, other), name).toBeGreaterThan(1e-2);
    after.dispose();
  });
});

test("without reuse everything but the class layers is kept", () => {
  const before = detectorOf("mb1-ssd-lite", {});
  const { detector: after, ...report } = resetClasses(before, classes, { reuse: false });
  expect(report).toEqual({ kept: [], added: classes, dropped: classes });
  const state = before.stateDict();
  const changed = [...after.stateDict()].filter(([key, value]) => !value.equal(state.get(key)!)).map(([key]) => key);
  const layers = [0, 1, 2, 3, 4].map((i) => `classification_headers.${i}.2`);
  expect(changed).toEqual([...layers, "classification_headers.5"].flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]));
});

test("the weight of a class that is gone is forgotten, and the element type stays", () => {
  const classWeights = { hat: 2, dog: 3 };
  const before = detectorOf("mb1-ssd-lite", { loss: { classification: { name: "cross-entropy", classWeights } } });
  const { detector: after } = resetClasses(before.to({ dtype: "float64" }), ["hat", "cat"]);
  expect(after.options.loss.classification).toEqual({ ...before.options.loss.classification, classWeights: { hat: 2 } });
  expect(after.parameters().values().next().value!.dtype).toBe("float64");
  expect(before.classes).toEqual(classes);
});

import { ops, type Tensor, tensor } from "@singleshot/torch";
import { expect, test } from "vitest";
import { FULLY_CONNECTED, vgg16Layers } from "./vgg16-layers.js";

const [first, last] = [tensor([1]), tensor([28])];
const features = new Map([
  ["features.0.weight", first],
  ["features.28.bias", last],
]);

/** Eight channels where VGG16 has 4096, two where fc6 looks at 512. */
const classifier = (): Map<string, Tensor> =>
  new Map([
    ["classifier.0.weight", ops.arange(0, 8 * 2 * 49, { dtype: "float32" }).view([8, 98])],
    ["classifier.0.bias", ops.arange(0, 8, { dtype: "float32" })],
    ["classifier.3.weight", ops.arange(0, 64, { dtype: "float32" }).view([8, 8])],
    ["classifier.3.bias", ops.arange(0, 8, { dtype: "float32" })],
    ["classifier.6.weight", ops.zeros([3, 8])],
  ]);

test("layers have numbers, whichever file they are from", () => {
  const numbered = [
    ["0.weight", first],
    ["28.bias", last],
  ] as const;
  expect([...vgg16Layers(features)]).toEqual(numbered);
  expect([...vgg16Layers(new Map(numbered))]).toEqual(numbered);
});

test("of fc6 and fc7 every fourth channel is left, of fc6's window rows and columns 0, 3 and 6", () => {
  const layers = vgg16Layers(classifier());
  expect([...layers.keys()]).toEqual(FULLY_CONNECTED);
  const places = [0, 4].flatMap((out) =>
    [0, 1].flatMap((channel) => [0, 3, 6].flatMap((row) => [0, 3, 6].map((column) => 98 * out + 49 * channel + 7 * row + column))),
  );
  expect([layers.get("31.weight")!.shape, [...layers.get("31.weight")!.toTypedArray()]]).toEqual([[2, 2, 3, 3], places]);
  expect([layers.get("33.weight")!.shape, [...layers.get("33.weight")!.toTypedArray()]]).toEqual([
    [2, 2, 1, 1],
    [0, 4, 32, 36],
  ]);
  for (const key of ["31.bias", "33.bias"]) expect([...layers.get(key)!.toTypedArray()]).toEqual([0, 4]);
});

test("a classifier that holds no numbers, as torchvision's IMAGENET1K_FEATURES, has no fc6 and fc7", () => {
  for (const key of ["classifier.0.weight", "classifier.3.weight"]) {
    const weights = classifier();
    weights.set(key, weights.get(key)!.mul(Number.NaN));
    expect([...vgg16Layers(weights).keys()]).toEqual([]);
  }
});

import { golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { recipes, resolveRecipe } from "../../recipes/index.js";
import { createDetector, freeze } from "../index.js";

/** For each network and number of trained stages, the parameters that are frozen; and how many stages torchvision trains by itself. */
type TrainableLayers = { defaults_with_backbone_weights: Record<string, number> } & Record<string, Record<string, string[]>>;

const theirs = golden<TrainableLayers>("models/trainable_layers");
const rows = [
  ["ssd300_vgg16", "ssd300-vgg16"],
  ["ssdlite320_mobilenet_v3_large", "ssdlite320-fulltail"],
  ["retinanet_resnet50_fpn", "retinanet-resnet50"],
] as const;

describe.each(rows)("stages of %s", (net, name) => {
  const { detector: options, training } = resolveRecipe(recipes.get(name));
  const detector = createDetector(options, ["one"]);
  const { stages } = detector.network;

  test.each(Object.entries(theirs[net]!))("%s of them trained leave the same parameters frozen as torchvision", (trained, frozen) => {
    detector.network.unfreeze();
    const count = stages.length - Number(trained);
    if (count > 0) freeze(detector, count);
    const own = [...detector.parameters()].filter(([, { requiresGrad }]) => !requiresGrad).map(([key]) => key);
    expect(own).toEqual(frozen);
  });

  test("the recipe trains as many as torchvision does by itself", () => {
    const { [net]: trained } = theirs.defaults_with_backbone_weights;
    expect(stages.length - Number(training.freeze ?? 0)).toBe(trained);
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type nn, serialize, type Tensor, tensor } from "@singleshot/torch";
import { afterAll, describe, expect, test } from "vitest";
import { classifiers, mobileNetV1Trunk, recipeStartingFrom, TrunkBody, vgg16Trunk } from "../../backbones/index.js";
import { FULLY_CONNECTED, type KeyMap, mobileNetV3KeyToSsdlite, vgg16KeyToSsd300 } from "../../checkpoints/index.js";
import { classifierNames, merge, recipes, resolveRecipe } from "../../recipes/index.js";
import { createDetector, type Detector, loadBackbone, loadBackboneFile } from "../index.js";
import { backboneSource } from "./backbone-keys.js";

const detectorOf = (name: string, network: object = {}) =>
  createDetector(resolveRecipe(merge(recipes.get(name), { detector: { network } })).detector, ["one"]);
const sourceOf = (name: string) => backboneSource(resolveRecipe(recipes.get(name)).detector.network);
const classifier = (name: string) => classifiers.get(name)!({ classes: 2 });

type Row = [recipe: string, network: object, classifier: () => nn.Module, map: KeyMap];
const row = (recipe: string, name: string): Row => [
  recipe,
  {},
  () => classifier(name),
  backboneSource(resolveRecipe(recipes.get(recipe)).detector.network).map,
];

const rows: Row[] = [
  ["ssd300-vgg16", {}, () => new TrunkBody(vgg16Trunk(), [30]), vgg16KeyToSsd300],
  [
    "ssdlite320-fulltail",
    { tapStrides: [8, 16], extras: [512, 256, 256] },
    () => classifier("mobilenet-v3-large"),
    (key) => mobileNetV3KeyToSsdlite(key, [7, 13]),
  ],
  row("sparrow-ssdlite", "mobilenet-v2"),
  row("sparrow-ssdlite-mobilenet-v3", "mobilenet-v3-large"),
  ...classifierNames.filter((name) => name !== "vgg16").map((name) => row(recipeStartingFrom(name), name)),
];

/** The values of the backbone's stages one after the other, and of all else. */
function parts({ network }: Detector): [pretrained: Tensor[], rest: Tensor[]] {
  const pretrained = network.stages.flat().flatMap((module) => [...module.stateDict().values()]);
  return [pretrained, [...network.stateDict().values()].filter((value) => !pretrained.includes(value))];
}

describe("loadBackbone", () => {
  test.each(rows)(
    "%s, %o: the classifier's layers become the backbone's stages, in order; nothing else changes",
    (name, network, create, map) => {
      const [from, detector] = [create(), detectorOf(name, network)];
      const [pretrained, rest] = parts(detector);
      const before = rest.map((value) => value.detach().clone());
      const own = detector.stateDict(); // frozen batch norm has no counters
      const theirs = [...from.stateDict()].filter(([key]) => own.has(map(key) ?? ""));
      loadBackbone(detector, from.stateDict(), { map }, "classifier.pth");
      expect(pretrained.length).toBe(theirs.length);
      expect(theirs.filter(([, value], i) => !value.equal(pretrained[i]!)).map(([key]) => key)).toEqual([]);
      expect(rest.every((value, i) => value.equal(before[i]!))).toBe(true);
    },
  );

  const refusals: [what: string, change: (weights: Map<string, Tensor>) => void, message: string][] = [
    [
      "lacks a layer",
      (weights) => weights.delete("features.0.weight"),
      "file.pth: the state dict does not fit: missing backbone.features.0.weight. The file was made by another network or for other classes: name the right ones.",
    ],
    [
      "has a layer too many",
      (weights) => weights.set("features.31.weight", tensor([1])),
      "file.pth: the state dict does not fit: unexpected backbone.extra.0.8.weight. The file was made by another network or for other classes: name the right ones.",
    ],
    [
      "has a weight for SSD300's own layers",
      (weights) => weights.set("features.30.1.weight", tensor([1])),
      "file.pth: backbone.extra.0.7.1.weight is no part of the backbone. Name a classifier's weights.",
    ],
  ];

  const [ssd300, vgg16] = [detectorOf("ssd300-vgg16"), new TrunkBody(vgg16Trunk(), [30]).stateDict()];

  test.each(refusals)("refuses a file that %s", (_, change, message) => {
    const weights = new Map<string, Tensor>(vgg16);
    change(weights);
    expect(() => loadBackbone(ssd300, weights, { map: vgg16KeyToSsd300 }, "file.pth")).toThrow(expect.objectContaining({ message }));
  });
});

describe("loadBackboneFile", () => {
  const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const base = () => new TrunkBody(mobileNetV1Trunk(), [13]).features.stateDict();

  test.each([
    ["a state dict", (weights: Map<string, Tensor>) => weights],
    ["a checkpoint", (weights: Map<string, Tensor>) => new Map([["model", weights]])],
    ["a run on several devices", (weights: Map<string, Tensor>) => new Map([...weights].map(([key, value]) => [`module.${key}`, value]))],
  ])("reads %s", (_, packed) => {
    const [file, weights, detector] = [join(folder, "base.pth"), base(), detectorOf("mb1-ssd")];
    serialize.save(file, packed(weights) as Map<string, Tensor>);
    loadBackboneFile(detector, file);
    const state = detector.stateDict();
    for (const [key, value] of weights) expect(state.get(`base_net.${key}`)!.equal(value), key).toBe(true);
  });

  test("reads safetensors, whatever the file is called", () => {
    const [file, weights, detector] = [join(folder, "base.bin"), base(), detectorOf("mb1-ssd")];
    serialize.saveSafetensors(file, weights, new Map([["format", "pt"]]));
    loadBackboneFile(detector, file);
    const state = detector.stateDict();
    for (const [key, value] of weights) expect(state.get(`base_net.${key}`)!.equal(value), key).toBe(true);
  });
});

describe("VGG16 in the detectors that have fc6 and fc7 as convolutions", () => {
  const features = new TrunkBody(vgg16Trunk(), [30]).stateDict();
  const layers = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28];
  const places = [0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4].map((stage, i, all) => `${stage}.${2 * (i - all.indexOf(stage))}`);
  const bodies: [recipe: string, keys: string[], fc6: string, fc7: string][] = [
    ["ssd300-vgg16-atrous-voc", places.map((place) => `features.stages.${place}`), "features.stages.5.0", "features.stages.5.2"],
    ["vgg16-ssd", layers.map((layer) => `base_net.${layer}`), "base_net.31", "base_net.33"],
  ];

  test.each(bodies)(
    "%s: the thirteen convolutions of a file of features; fc6 and fc7 start anew; pytorch-ssd's base has them",
    (recipe, keys, fc6, fc7) => {
      const detector = detectorOf(recipe);
      const own = detector.stateDict();
      const before = own.get(`${fc6}.weight`)!.detach().clone();
      expect(loadBackbone(detector, features, sourceOf(recipe), "vgg16.pth")).toEqual([
        "fc6 and fc7 start anew: the file does not have them",
      ]);
      for (const [i, key] of keys.entries())
        for (const name of ["weight", "bias"])
          expect(own.get(`${key}.${name}`)!.equal(features.get(`features.${layers[i]}.${name}`)!), key).toBe(true);
      expect(own.get(`${fc6}.weight`)!.equal(before)).toBe(true);

      const reduced = FULLY_CONNECTED.map((key): [string, Tensor] => [key, own.get(key.replace("31", fc6).replace("33", fc7))!.add(1)]);
      const numbered = new Map([...features].map(([key, value]) => [key.replace("features.", ""), value]));
      expect(loadBackbone(detector, new Map([...numbered, ...reduced]), sourceOf(recipe), "vgg16_reducedfc.pth")).toEqual([]);
      expect(own.get(`${fc6}.weight`)!.equal(before.add(1))).toBe(true);
    },
  );
});

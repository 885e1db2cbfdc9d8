import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type nn, serialize, type Tensor, tensor } from "@singleshot/torch";
import { afterAll, describe, expect, test } from "vitest";
import { classifiers, mobileNetV1Trunk, TrunkBody, vgg16Trunk } from "../../backbones/index.js";
import { type KeyMap, mobileNetV3KeyToSsdlite, resnetKeyToRetinaNet, vgg16KeyToSsd300 } from "../../checkpoints/index.js";
import { merge, recipes, resolveRecipe } from "../../recipes/index.js";
import { createDetector, type Detector, loadBackbone, loadBackboneFile } from "../index.js";
import { backboneKeys } from "./backbone-keys.js";

const detectorOf = (name: string, network: object = {}) =>
  createDetector(resolveRecipe(merge(recipes.get(name), { detector: { network } })).detector, ["one"]);
const classifier = (name: string) => classifiers.get(name)!({ classes: 2 });

type Row = [recipe: string, network: object, classifier: () => nn.Module, map: KeyMap];
const row = (recipe: string, name: string): Row => [
  recipe,
  {},
  () => classifier(name),
  backboneKeys(resolveRecipe(recipes.get(recipe)).detector.network)!,
];

const rows: Row[] = [
  ["ssd300-vgg16", {}, () => new TrunkBody(vgg16Trunk(), [30]), vgg16KeyToSsd300],
  ["ssdlite320-fulltail", {}, () => classifier("mobilenet-v3-large"), mobileNetV3KeyToSsdlite],
  [
    "ssdlite320-fulltail",
    { tapStrides: [8, 16], extras: [512, 256, 256] },
    () => classifier("mobilenet-v3-large"),
    (key) => mobileNetV3KeyToSsdlite(key, [7, 13]),
  ],
  ["retinanet-resnet50", {}, () => classifier("resnet50"), resnetKeyToRetinaNet],
  ...(
    [
      ["mb1-ssd", "mobilenet-v1"],
      ["mb2-ssd-lite", "mobilenet-v2"],
      ["sq-ssd-lite", "squeezenet1-1"],
      ["sparrow-ssdlite", "mobilenet-v2"],
      ["sparrow-ssdlite-mobilenet-v3", "mobilenet-v3-large"],
      ["sparrow-ssdlite-shufflenet-v2", "shufflenet-v2"],
      ["retinanet-scratch", "resnet50-extractor"],
    ] as const
  ).map(([recipe, name]) => row(recipe, name)),
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
      loadBackbone(detector, from.stateDict(), map, "classifier.pth");
      expect(pretrained.length).toBe(theirs.length);
      expect(theirs.filter(([, value], i) => !value.equal(pretrained[i]!)).map(([key]) => key)).toEqual([]);
      expect(rest.every((value, i) => value.equal(before[i]!))).toBe(true);
    },
  );

  const refusals: [what: string, change: (weights: Map<string, Tensor>) => void, message: string][] = [
    [
      "lacks a layer",
      (weights) => weights.delete("features.0.weight"),
      "file.pth: the state dict does not fit: missing backbone.features.0.weight. The file was made by another network: name its recipe.",
    ],
    [
      "has a layer too many",
      (weights) => weights.set("features.31.weight", tensor([1])),
      "file.pth: the state dict does not fit: unexpected backbone.extra.0.8.weight. The file was made by another network: name its recipe.",
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
    expect(() => loadBackbone(ssd300, weights, vgg16KeyToSsd300, "file.pth")).toThrow(expect.objectContaining({ message }));
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

  test("says which network takes none", () => {
    const refused = () => loadBackboneFile(detectorOf("ssd300-vgg16-atrous-voc"), "base.pth");
    expect(refused).toThrow("base.pth: no classifier's weights are known to fit ssd-vgg16-atrous. Leave --backbone out.");
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultGenerator, serialize, type Tensor, tensor } from "@singleshot/torch";
import { afterAll, describe, expect, test } from "vitest";
import { COCO_NAMES } from "../../checkpoints/index.js";
import { createDetector, type Detector } from "../../detectors/index.js";
import { merge, recipes, resolveRecipe } from "../../recipes/index.js";
import { startingWeights } from "./starting-weights.js";

const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tiny = merge(recipes.get("ssdlite320-small"), { detector: { network: { width: 0.25 } } }) as object;
const recipe = (weights: string) => resolveRecipe(merge(tiny, { training: { weights } }));

function detectorFor(classes: readonly string[], seed: number): Detector {
  defaultGenerator.seed(seed);
  return createDetector(recipe("").detector, classes);
}

const write = (name: string, content: object, ...folders: string[]) => {
  mkdirSync(join(folder, ...folders), { recursive: true });
  const file = join(folder, ...folders, name);
  serialize.save(file, content instanceof Map ? content : new Map(Object.entries(content)));
  return file;
};

/** Starts a detector for the classes from a file. @returns it, and what was said */
function started(classes: readonly string[], file: string) {
  const [detector, said] = [detectorFor(classes, 2), [] as string[]];
  startingWeights(detector, recipe(file), (message) => said.push(message));
  return { detector, said };
}

/** The rows of the first class layer that speak for a class, its anchors beside each other. */
function rowsOf({ network, classes }: Detector, name: string): Tensor {
  const { weight, outChannels } = network.classLayers[0]!;
  const channels = classes.length + 1;
  const column = name === "background" ? 0 : classes.indexOf(name) + 1;
  const rows = Array.from({ length: outChannels / channels }, (_, a) => a * channels + column);
  return weight.detach().indexSelect(0, tensor(BigInt64Array.from(rows, BigInt)));
}

describe("the weights of another detector", () => {
  const theirs = detectorFor(["bolt", "nut", "cog"], 1);
  const weights = theirs.stateDict();

  test("of the same classes are taken whole, whatever layout the file has", () => {
    const layouts = {
      plain: weights,
      "of several devices": new Map([...weights].map(([key, value]) => [`module.${key}`, value])),
      torchvision: { model: weights, optimizer: new Map(), lr_scheduler: new Map(), args: new Map(), epoch: 3 },
      sparrow: { model_state: weights, epoch: 3, best_score: 1.5 },
    };
    for (const [name, content] of Object.entries(layouts)) {
      const { detector, said } = started(["bolt", "nut", "cog"], write(`${name}.pth`, content));
      for (const [key, value] of detector.stateDict()) expect(value.equal(weights.get(key)!), `${name}: ${key}`).toBe(true);
      expect(said).toEqual(["the file does not name its classes: they are taken for yours, in your order"]);
    }
  });

  test("of other classes are taken over by the classes' names, and it is said which", () => {
    const file = write("named.pth", { model: weights, classes: ["bolt", "nut", "cog"] });
    const { detector, said } = started(["washer", "cog", "bolt"], file);
    expect(said).toEqual(["classes kept from the file: cog, bolt; new: washer; dropped: nut"]);
    for (const name of ["background", "cog", "bolt"]) expect(rowsOf(detector, name).equal(rowsOf(theirs, name)), name).toBe(true);
    expect(rowsOf(detector, "washer").equal(rowsOf(detectorFor(["washer", "cog", "bolt"], 2), "washer"))).toBe(true);
    const own = detector.stateDict();
    for (const key of ["backbone.features.0.0.0.weight", "head.regression_head.module_list.0.1.bias"])
      expect(own.get(key)!.equal(weights.get(key)!), key).toBe(true);
  });

  test("may be safetensors, with the classes in their metadata or without", () => {
    const file = join(folder, "theirs.safetensors");
    for (const classes of ["", '["bolt","nut","cog"]']) {
      serialize.saveSafetensors(file, weights, new Map(classes ? [["classes", classes]] : []));
      const { detector, said } = started(["bolt", "nut", "cog"], file);
      for (const [key, value] of detector.stateDict()) expect(value.equal(weights.get(key)!), key).toBe(true);
      expect(said).toEqual(classes ? [] : ["the file does not name its classes: they are taken for yours, in your order"]);
    }
  });

  test("have their names in labels.txt, if it lies beside them, as pytorch-ssd writes it", () => {
    const file = write("mb1.pth", weights, "jetson");
    writeFileSync(join(folder, "jetson", "labels.txt"), "BACKGROUND\nbolt\nnut\ncog\n");
    expect(started(["cog"], file).said).toEqual(["classes kept from the file: cog; new: none; dropped: bolt, nut"]);
  });

  test("are not named by a labels.txt of another number of classes: a run wrote its own into their folder", () => {
    const file = write("pretrained.pth", weights, "models");
    writeFileSync(join(folder, "models", "labels.txt"), "BACKGROUND\ncog\nwasher\n");
    expect(started(["cog", "washer"], file).said).toEqual(["the file does not name its classes, and has 3: yours start anew"]);
  });

  test("of as many classes as nobody knows start the classes anew", () => {
    const { detector, said } = started(["bolt", "nut"], write("nameless.pth", weights));
    expect(said).toEqual(["the file does not name its classes, and has 3: yours start anew"]);
    expect(detector.stateDict().get("backbone.features.0.0.0.weight")!.equal(weights.get("backbone.features.0.0.0.weight")!)).toBe(true);
  });

  test("of another network are refused", () => {
    const file = write("strange.pth", { "conv.weight": theirs.network.classLayers[0]!.weight });
    expect(() => started(["bolt"], file)).toThrow(
      /strange\.pth: the state dict does not fit: missing .+ another network or for other classes: name the right ones\.$/,
    );
  });

  test("that are published and not here are named with the command that fetches them", () => {
    expect(() => started(["bolt"], "SSDLite320_MobileNet_V3_Large_Weights.COCO_V1")).toThrow(
      /ssdlite320_mobilenet_v3_large_coco-a79551df\.pth: SSDLite320_MobileNet_V3_Large_Weights\.COCO_V1 has not been fetched\. `singleshot weights SSDLite320_MobileNet_V3_Large_Weights\.COCO_V1` does it\.$/,
    );
    expect(() => started(["bolt"], "SSD300_Weights.COCO")).toThrow(
      "no published weights are named SSD300_Weights.COCO. One of SSD300_VGG16_",
    );
  });
});

test("COCO's names stand at their category ids", () => {
  expect(COCO_NAMES.length).toBe(90);
  const holes = COCO_NAMES.flatMap((name, i) => (name === "N/A" ? [i + 1] : []));
  expect(holes).toEqual([12, 26, 29, 30, 45, 66, 68, 69, 71, 83]);
  expect([1, 17, 72, 90].map((id) => COCO_NAMES[id - 1])).toEqual(["person", "cat", "tv", "toothbrush"]);
});

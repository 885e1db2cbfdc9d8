import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { augment, type Dataset, DIFFICULT, evaluationPlan, type InputOptions, layPicture, randomOf, type Sample } from "@singleshot/vision";
import { writePicture } from "@singleshot/vision/node";
import { afterAll, describe, expect, test } from "vitest";
import { createDetector, type Detector } from "../detectors/index.js";
import { recipes, resolveRecipe, withSides } from "../recipes/index.js";
import { eachBatch } from "./evaluate.js";
import { detectPictures } from "./predict.js";

const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const draw = randomOf(3);
const size = { width: 40, height: 30 };
const image = { ...size, data: Uint8Array.from({ length: 3 * 40 * 30 }, () => 256 * draw()) };
const imageFile = join(folder, "noise.png");
await writePicture(imageFile, image);
const marks = { boxes: new Float32Array(0), labels: new Int32Array(0), flags: new Uint8Array(0) };
const dataset = {
  name: "noise",
  classes: ["one"],
  entries: [{ id: "noise", imageFile, ...size, ...marks, source: "noise" }],
} as unknown as Dataset;

/** The pixels that an evaluation shows the network. */
async function evaluated(input: InputOptions): Promise<number[]> {
  const seen: number[] = [];
  await eachBatch({ input } as Detector, dataset, { workers: 0 }, ({ images }) => {
    seen.push(...images.permute([0, 2, 3, 1]).contiguous().toTypedArray().map(Number));
  });
  return seen;
}

describe("how pictures are resized where nothing is learned", () => {
  const inputs: [name: string, input: InputOptions, kind: "bilinear" | "antialias" | "bicubic" | "area"][] = [
    ["torchvision's: bilinear", { resize: "stretch", width: 20, height: 15 }, "bilinear"],
    ["GluonCV's: bicubic where both sides grow", { resize: "stretch", width: 64, height: 48, interpolation: "auto" }, "bicubic"],
    ["GluonCV's: area where both shrink", { resize: "stretch", width: 20, height: 15, interpolation: "auto" }, "area"],
    ["GluonCV's: else bilinear", { resize: "stretch", width: 64, height: 15, interpolation: "auto" }, "bilinear"],
    ["the tutorial's: Pillow's bilinear", { resize: "stretch", width: 20, height: 15, interpolation: "antialias" }, "antialias"],
  ];

  test.each(inputs)("%s, in evaluation as in prediction", async (_, input, kind) => {
    const sample: Sample = { image, ...marks, id: "", source: "" };
    const plain = { ...input, interpolation: undefined } as InputOptions;
    const wanted = [...augment(sample, [{ step: "interpolation", kinds: [kind] }], draw, plain).sample.image.data];
    expect(await evaluated(input)).toEqual(wanted);
    expect([...layPicture(image, input).image.data]).toEqual(wanted);
  });

  test("the recipes say it", () => {
    const plan = (name: string) => evaluationPlan(resolveRecipe(recipes.get(name)).detector.input);
    for (const name of ["ssd300-vgg16-atrous-voc", "ssd512-helmet"])
      expect(plan(name)).toEqual([{ step: "interpolation", kinds: ["auto"] }]);
    expect(plan("retinanet-scratch")).toEqual([{ step: "interpolation", kinds: ["antialias"] }]);
    for (const name of ["ssd300-vgg16", "mb1-ssd", "sparrow-ssdlite"]) expect(plan(name)).toEqual([]);
  });
});

test("GluonCV's detector looks at a picture in its own shape, however narrow", () => {
  const { detector: options } = withSides(resolveRecipe(recipes.get("ssd300-vgg16-atrous-voc")), { shortSide: 300, longSide: 300 });
  const detector = createDetector(options, ["one"]).eval();
  const narrow = { width: 60, height: 9, data: image.data.slice(0, 3 * 60 * 9) };
  const [found] = detectPictures(detector, [narrow]);
  const beyond = found!.boxes.filter((value, i) => value < 0 || value > (i % 2 === 0 ? 60 : 9));
  expect([found!.scores.length > 0, beyond.length]).toEqual([true, 0]);
});

test("losses do not see difficult objects where the recipe skips them; their pictures stay, for mAP", async () => {
  const boxes = Float32Array.of(1, 1, 9, 9, 20, 10, 30, 20);
  const [entry] = dataset.entries;
  const marked = { ...entry!, boxes, labels: Int32Array.of(1, 1), flags: Uint8Array.of(DIFFICULT, 0) };
  const hard = { ...marked, id: "hard", flags: Uint8Array.of(DIFFICULT, DIFFICULT) };
  const counts = async (difficult: "skip" | "train") => {
    const seen: number[] = [];
    const input = { resize: "stretch", ...size } as const;
    const set = { ...dataset, entries: [marked, hard] };
    await eachBatch(
      { input } as Detector,
      set,
      { workers: 0, difficult },
      (batch) => void seen.push(...[...batch.counts.toTypedArray()].map(Number)),
    );
    return seen;
  };
  expect([await counts("skip"), await counts("train")]).toEqual([
    [1, 0],
    [2, 2],
  ]);
});

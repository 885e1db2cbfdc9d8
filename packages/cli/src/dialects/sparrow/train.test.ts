import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../testing/index.js";
import { translate } from "../program/index.js";
import { type Effect, testEffects } from "../testing/index.js";
import { train } from "./train.js";

const geometry = { step: "affine", scale: [0.75, 1.25], degrees: 15, flip: 0.5, reference: false };
const jitter = { step: "hsv-jitter" };
const small = { step: "small-boxes", side: 2 };

const table: Effect[] = [
  {
    flags: ["--img-size", "--IMG_SIZE"],
    default: 320,
    words: ["640"],
    recipe: { "detector.input.width": 640, "detector.input.height": 640 },
  },
  { flags: ["--batch-size", "--BATCH_SIZE"], default: 64, words: ["8"], recipe: { "data.batchSize": 8 } },
  { flags: ["--epochs", "--EPOCHS"], default: 10, words: ["3"], recipe: { "schedule.epochs": 3, "schedule.name": "cosine" } },
  { flags: ["--num-workers", "--NUM_WORKERS"], default: 8, words: ["1"], recipe: { "data.workers": 1 } },
  {
    flags: ["--pin-memory", "--PIN_MEMORY"],
    default: true,
    words: ["False"],
    note: "--pin-memory is without effect: pictures go to a GPU one way",
  },
  {
    flags: ["--data-root", "--DATA_ROOT"],
    default: "data/coco2017_ssdlite",
    words: ["coco"],
    files: { data: ["coco"], dataset: "coco", splits: ["train"], evaluationSplits: ["val", "test"] },
  },
  { flags: ["--save-dir", "--SAVE_DIR"], default: "./output/ssdlite", words: ["out"], folder: "out" },
  {
    flags: ["--backbone", "--BACKBONE"],
    default: "mobilenet_v2",
    words: ["shufflenet_v2"],
    recipe: { "detector.network.backbone.name": "shufflenet-v2" },
  },
  { flags: ["--width-mult", "--WIDTH_MULT"], default: 1, words: ["0.5"], recipe: { "detector.network.backbone.width": 0.5 } },
  {
    flags: ["--num-classes", "--NUM_CLASSES"],
    default: 81,
    words: ["4"],
    note: "--num-classes is without effect: the classes are those of the data set",
  },
  {
    flags: ["--ratios", "--RATIOS"],
    default: [1, 2, 0.5],
    words: ["1"],
    recipe: {
      "detector.anchors.levels.0.shapes": [
        [32, 32],
        [40.32, 40.32],
      ],
    },
  },
  {
    flags: ["--scales", "--SCALES"],
    default: [1, 1.26],
    words: ["2"],
    beside: ["--ratios", "1"],
    recipe: { "detector.anchors.levels.0.shapes": [[64, 64]] },
  },
  { flags: ["--strides", "--STRIDES"], default: [8, 16, 32], words: ["8", "16", "32"], value: [8, 16, 32] },
  { flags: ["--lr", "--LR"], default: 3e-3, words: ["0.01"], recipe: { "optimizer.learningRate": 0.01 } },
  { flags: ["--wd", "--WD"], default: 5e-4, words: ["0"], recipe: { "optimizer.weightDecay": 0 } },
  { flags: ["--warmup-epochs", "--WARMUP_EPOCHS"], default: 3, words: ["1"], recipe: { "schedule.warmupEpochs": 1 } },
  {
    flags: ["--amp", "--AMP"],
    default: true,
    words: ["True"],
    onGpu: { training: { precision: "auto" } },
    noteWithoutGpu: "--amp is without effect: the device is the CPU",
  },
  {
    flags: ["--neg-pos-ratio", "--NEG_POS_RATIO"],
    default: 3,
    words: ["5"],
    recipe: { "detector.loss.classification.negativesPerPositive": 5 },
  },
  { flags: ["--use-color-aug", "--use_color_aug"], default: true, words: ["False"], recipe: { "data.augmentation": [geometry, small] } },
  {
    flags: ["--use-flip", "--use_flip"],
    default: true,
    words: ["False"],
    recipe: { "data.augmentation": [{ ...geometry, flip: 0 }, jitter, small] },
  },
  {
    flags: ["--use-rotate", "--use_rotate"],
    default: true,
    words: ["False"],
    recipe: { "data.augmentation": [{ ...geometry, degrees: 0 }, jitter, small] },
  },
  {
    flags: ["--rotate-deg", "--rotate_deg"],
    default: 15,
    words: ["30"],
    recipe: { "data.augmentation": [{ ...geometry, degrees: 30 }, jitter, small] },
  },
  {
    flags: ["--use-scale", "--use_scale"],
    default: true,
    words: ["False"],
    recipe: { "data.augmentation": [{ ...geometry, scale: [1, 1] }, jitter, small] },
  },
  {
    flags: ["--scale-range", "--scale_range"],
    default: [0.75, 1.25],
    words: ["0.5", "2"],
    recipe: { "data.augmentation": [{ ...geometry, scale: [0.5, 2] }, jitter, small] },
  },
  {
    flags: ["--min-box-size", "--min_box_size"],
    default: 2,
    words: ["4"],
    recipe: { "data.augmentation": [geometry, jitter, { ...small, side: 4 }] },
  },
];

testEffects(train as never, table);

const folder = temporaryFolder();
const line = (...argv: string[]) => translate(train as never, argv);

test("the notebook's constants are the shipped recipe", () => {
  const { evaluation, ...recipe } = line().recipe;
  const { evaluation: shipped, ...rest } = resolveRecipe(recipes.get("sparrow-ssdlite"));
  expect(recipe).toEqual(rest);
  expect(evaluation).toEqual({ ...shipped, loss: true });
});

test("constants stand in a file, and flags go over it", () => {
  const file = join(folder, "sparrow.yaml");
  writeFileSync(file, "IMG_SIZE: 256\nRATIOS: [1]\nEPOCHS: 4\naug_cfg:\n  use_color_aug: false\n");
  const { recipe } = line("--config", file, "--EPOCHS", "6");
  expect([recipe.detector.input, recipe.schedule.epochs]).toMatchObject([{ width: 256 }, 6]);
  expect(recipe.data.augmentation).toEqual([geometry, small]);
  expect(() => line(`--config=${file}x`)).toThrow(`${file}x: no such file`);
  writeFileSync(file, "IMG_SIEZ: 256\n");
  expect(() => line("--config", file)).toThrow("--IMG_SIEZ: no such flag. Did you mean --IMG_SIZE");
});

test("strides that are not the network's are refused", () => {
  expect(() => line("--STRIDES", "4", "8", "16")).toThrow("--strides: the network's maps have strides 8, 16, 32, not 4, 8, 16");
  expect(() => line("--BACKBONE", "resnet")).toThrow(
    "--backbone: resnet is not known. It can be mobilenet_v2, mobilenet_v3, shufflenet_v2.",
  );
});

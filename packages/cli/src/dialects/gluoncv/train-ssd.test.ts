import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../testing/index.js";
import { translate } from "../program/index.js";
import { type Effect, testEffects } from "../testing/index.js";
import { prefixOf, trainSsd } from "./train-ssd.js";

const table: Effect[] = [
  { flags: ["--network"], default: "vgg16_atrous", words: ["vgg16_atrous"], recipe: { "detector.network.name": "ssd-vgg16-atrous" } },
  { flags: ["--data-shape"], default: 300, words: ["512"], recipe: { "detector.network.size": 512, "detector.input.width": 512 } },
  { flags: ["--batch-size"], default: 32, words: ["8"], recipe: { "data.batchSize": 8, "data.lastBatch": "roll-over" } },
  {
    flags: ["--dataset"],
    default: "voc",
    words: ["coco"],
    recipe: { name: "ssd300-vgg16-atrous-coco" },
    files: { dataset: "coco", splits: ["train"], evaluationSplits: ["val", "test"] },
  },
  {
    flags: ["--dataset-root"],
    default: join(homedir(), ".mxnet/datasets/"),
    words: ["photos"],
    files: { data: ["photos"], dataset: "voc", pixelsFrom: 1, splits: ["trainval", "train"], evaluationSplits: ["test", "val"] },
  },
  { flags: ["-j", "--num-workers"], default: 4, words: ["0"], recipe: { "data.workers": 0 } },
  { flags: ["--gpus"], default: "0", words: ["0,1"], devices: ["cuda:0", "cuda:1"] },
  { flags: ["--epochs"], default: 240, words: ["9"], recipe: { "schedule.epochs": 9 } },
  { flags: ["--resume"], default: "", words: ["old.params"], recipe: { "training.weights": "old.params" } },
  {
    flags: ["--start-epoch"],
    default: 0,
    words: ["170"],
    recipe: { "schedule.epochs": 70, "schedule.milestones": [30], "optimizer.learningRate": 0.0001 },
  },
  { flags: ["--lr"], default: 0.001, words: ["0.0005"], recipe: { "optimizer.learningRate": 0.0005 } },
  { flags: ["--lr-decay"], default: 0.1, words: ["0.5"], recipe: { "schedule.gamma": 0.5 } },
  {
    flags: ["--lr-decay-epoch"],
    default: "160,200",
    words: ["60,80"],
    recipe: { "schedule.milestones": [60, 80], "schedule.name": "multi-step" },
  },
  { flags: ["--momentum"], default: 0.9, words: ["0.5"], recipe: { "optimizer.momentum": 0.5 } },
  { flags: ["--wd"], default: 5e-4, words: ["0.01"], recipe: { "optimizer.weightDecay": 0.01 } },
  { flags: ["--log-interval"], default: 100, words: ["5"], value: 5 },
  { flags: ["--save-prefix"], default: "", words: ["models/x_"], folder: "models" },
  { flags: ["--save-interval"], default: 10, words: ["50"], value: 50 },
  { flags: ["--val-interval"], default: 1, words: ["5"], recipe: { "evaluation.everyEpochs": 5, "evaluation.firstEpoch": 1 } },
  { flags: ["--seed"], default: 233, words: ["7"], recipe: { "training.seed": 7 } },
  { flags: ["--syncbn"], default: false, recipe: { "training.syncBatchNorm": true } },
  { flags: ["--dali"], default: false, note: "--dali is without effect: pictures are read one way" },
  { flags: ["--amp"], default: false, recipe: { "training.precision": "auto" } },
  {
    flags: ["--horovod"],
    default: false,
    note: "--horovod is without effect: mpirun says how many processes there are, as for the original",
  },
];

testEffects(trainSsd as never, table);

const torchHome = temporaryFolder();
beforeAll(() => void vi.stubEnv("TORCH_HOME", torchHome));
afterAll(() => void vi.unstubAllEnvs());

const line = (text: string) => translate(trainSsd as never, text.split(" "));

test("the helmet detector is one flag, and its settings give way to others", () => {
  const { recipe, files, values } = line("--dataset helmet --dataset-root VOC2028");
  const shipped = resolveRecipe(recipes.get("ssd512-helmet"));
  expect({ ...recipe.data, workers: 0 }).toEqual({ ...shipped.data, workers: 0 });
  expect([recipe.detector, recipe.optimizer, recipe.schedule]).toEqual([shipped.detector, shipped.optimizer, shipped.schedule]);
  expect(files).toMatchObject({ data: ["VOC2028"], dataset: "voc", classes: ["hat", "person"] });
  expect(prefixOf(values as never)).toBe("ssd_helmet");
  expect(line("--dataset helmet --epochs 3").recipe.schedule).toMatchObject({ epochs: 3, milestones: [60, 80] });
});

test("training starts from torchvision's VGG16 where it is here; where not, it is said how to have it", () => {
  const without = line("--dataset voc");
  expect([without.recipe.training.backbone, without.notes]).toEqual([
    undefined,
    [
      "the original starts from a VGG16 that it fetches: `singleshot weights VGG16_Weights.IMAGENET1K_FEATURES` fetches one, and training then starts from it. Without it expect less, and later",
    ],
  ]);
  const checkpoints = join(torchHome, "hub", "checkpoints");
  mkdirSync(checkpoints, { recursive: true });
  writeFileSync(join(checkpoints, "vgg16_features-amdegroot-88682ab5.pth"), "");
  expect(line("--dataset voc")).toMatchObject({
    recipe: { training: { backbone: "VGG16_Weights.IMAGENET1K_FEATURES" } },
    notes: ["training starts from VGG16_Weights.IMAGENET1K_FEATURES, as the original from a VGG16 of its own"],
  });
  const { training } = line("--dataset voc --resume old.params").recipe;
  expect([training.weights, training.backbone]).toEqual(["old.params", undefined]);
});

test("validation meets every epoch that is saved", () => {
  const everyEpochs = (text: string) => line(text).recipe.evaluation.everyEpochs;
  expect(everyEpochs("--val-interval 6 --save-interval 10")).toEqual([6, 10]);
  for (const [val, save] of [
    [5, 0],
    [5, 10],
  ])
    expect(everyEpochs(`--val-interval ${val} --save-interval ${save}`)).toBe(5);
});

test("on COCO validation is every tenth epoch, unless the flag says otherwise", () => {
  expect(line("--dataset coco").recipe.evaluation.everyEpochs).toBe(10);
  expect(line("--dataset coco --val-interval 3").recipe.evaluation.everyEpochs).toEqual([3, 10]);
  expect(line("--dataset coco --val-interval 1").recipe.evaluation.everyEpochs).toBe(1);
});

test("wrong values are refused in one sentence", () => {
  expect(() => line("--data-shape 400")).toThrow("--data-shape: 400 is neither 300 nor 512");
  expect(() => line("--start-epoch 240")).toThrow("--start-epoch: 240 is not before the last of 240 epochs");
  expect(() => line("--lr-decay-epoch x")).toThrow(
    "--lr-decay-epoch: x are not epochs with commas between them. For example: --lr-decay-epoch 160,200.",
  );
});

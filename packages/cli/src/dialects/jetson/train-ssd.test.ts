import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { InputError } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { parse, translate } from "../program/index.js";
import { type Effect, testEffects } from "../testing/index.js";
import { trainSsd } from "./train-ssd.js";

const table: Effect[] = [
  {
    flags: ["--dataset-type"],
    default: "open_images",
    words: ["voc"],
    files: { dataset: "voc", pixelsFrom: 1, splits: ["trainval", "train"], evaluationSplits: ["test", "val"] },
  },
  {
    flags: ["--datasets", "--data"],
    default: ["data"],
    words: ["a", "b c"],
    files: { data: ["a", "b c"], dataset: "openimages", groups: "objects", splits: ["train"], evaluationSplits: ["test"] },
  },
  { flags: ["--balance-data"], default: false, recipe: { "data.balance": true } },
  {
    flags: ["--net"],
    default: "mb1-ssd",
    words: ["vgg16-ssd"],
    recipe: { "detector.network.name": "vgg16-ssd", "data.augmentation": "jetson-vgg16" },
  },
  {
    flags: ["--resolution"],
    default: 300,
    words: ["512"],
    recipe: { "detector.input.width": 512, "detector.input.height": 512, "detector.anchors.levels.0.scale": 0.1 },
  },
  { flags: ["--freeze-base-net"], default: false, recipe: { "training.freeze": "backbone" } },
  { flags: ["--freeze-net"], default: false, recipe: { "training.freeze": "all-but-heads" } },
  { flags: ["--mb2-width-mult"], default: 1, words: ["0.5"], beside: ["--net", "mb2-ssd-lite"], recipe: { "detector.network.width": 0.5 } },
  { flags: ["--base-net"], words: ["vgg.pth"], recipe: { "training.backbone": "vgg.pth", "training.weights": undefined } },
  {
    flags: ["--pretrained-ssd"],
    default: "models/mobilenet-v1-ssd-mp-0_675.pth",
    words: ["ssd.pth"],
    recipe: { "training.weights": "ssd.pth" },
  },
  {
    flags: ["--resume"],
    words: ["old.pth"],
    beside: ["--base-net", "vgg.pth"],
    recipe: { "training.weights": "old.pth", "training.backbone": undefined },
  },
  {
    flags: ["--lr", "--learning-rate"],
    default: 0.01,
    words: ["0.25"],
    recipe: { "optimizer.learningRate": 0.25, "optimizer.name": "sgd", "optimizer.nesterov": false },
  },
  { flags: ["--momentum"], default: 0.9, words: ["0.5"], recipe: { "optimizer.momentum": 0.5 } },
  {
    flags: ["--weight-decay"],
    default: 5e-4,
    words: ["1e-3"],
    recipe: { "optimizer.weightDecay": 1e-3, "optimizer.normWeightDecay": undefined },
  },
  {
    flags: ["--gamma"],
    default: 0.1,
    words: ["0.5"],
    beside: ["--scheduler", "multi-step"],
    recipe: { "schedule.gamma": 0.5 },
  },
  { flags: ["--base-net-lr"], default: 1e-3, words: ["0.002"], recipe: { "optimizer.backboneLearningRate": 0.002 } },
  { flags: ["--extra-layers-lr"], words: ["0.005"], recipe: { "optimizer.extrasLearningRate": 0.005 } },
  {
    flags: ["--scheduler"],
    default: "cosine",
    words: ["multi-step"],
    recipe: { "schedule.name": "multi-step", "schedule.milestones": [80, 100] },
  },
  {
    flags: ["--milestones"],
    default: "80,100",
    words: ["10,20,30"],
    beside: ["--scheduler", "multi-step"],
    recipe: { "schedule.milestones": [10, 20, 30] },
  },
  {
    flags: ["--t-max"],
    default: 100,
    words: ["30"],
    recipe: { "schedule.period": 30, "schedule.name": "cosine", "schedule.per": "epoch" },
  },
  { flags: ["--batch-size"], default: 4, words: ["16"], recipe: { "data.batchSize": 16 } },
  { flags: ["--num-epochs", "--epochs"], default: 30, words: ["7"], recipe: { "schedule.epochs": 7 } },
  { flags: ["--num-workers", "--workers"], default: 2, words: ["0"], recipe: { "data.workers": 0 } },
  {
    flags: ["--validation-epochs"],
    default: 1,
    words: ["5"],
    recipe: { "evaluation.everyEpochs": 5, "evaluation.firstEpoch": 1, "evaluation.loss": true, "evaluation.map": false },
  },
  { flags: ["--validation-mean-ap"], default: false, recipe: { "evaluation.map": true, "evaluation.protocol": "jetson-voc07" } },
  { flags: ["--debug-steps"], default: 10, words: ["50"], value: 50 },
  { flags: ["--use-cuda"], default: true, devices: ["auto"], noteWithoutGpu: "--use-cuda is without effect: the device is the CPU" },
  { flags: ["--checkpoint-folder", "--model-dir"], default: "models/", words: ["models/fruit"], folder: "models/fruit" },
  { flags: ["--log-level"], default: "info", words: ["debug"], value: "debug" },
];

testEffects(trainSsd as never, table);

const line = (...argv: string[]) => translate(trainSsd as never, argv);

describe("the documented command lines", () => {
  test.each([
    "--dataset-type=voc --data=data/fruit --model-dir=models/fruit --resolution=512",
    "--data=data/fruit --model-dir=models/fruit --batch-size=4 --epochs=30",
    "--dataset-type=voc --data=data/fruit --model-dir=models/fruit --batch-size=2 --workers=0 --epochs=1",
    "--dataset-type=voc --data data/a data/b --model-dir=models/ab --net=mb2-ssd-lite --mb2-width-mult=1.5 --epochs=1000 --scheduler=multi-step --milestones=200,400",
    "--data=data/fruit --model-dir=models/fruit --pretrained-ssd=models/mobilenet-v1-ssd-mp-0_675.pth --learning-rate=0.01",
  ])("%s", (text) => {
    expect(line(...text.split(" ")).recipe.schedule.epochs).toBeGreaterThan(0);
  });

  test("a default run is the shipped recipe's, with the original's lower rate for the backbone", () => {
    const { recipe } = line("--data=data/fruit");
    const shipped = resolveRecipe(recipes.get("mb1-ssd"));
    expect(recipe.detector).toEqual(shipped.detector);
    expect(recipe.optimizer).toEqual(shipped.optimizer);
    expect(recipe.schedule).toEqual({ ...shipped.schedule, period: 100 });
  });
});

test("--use-cuda=false keeps to the CPU", () => {
  const devices = (...argv: string[]) => trainSsd.devices!(parse(trainSsd as never, argv).values as never).words;
  expect([devices("--use-cuda=false"), devices("--use-cuda", "0"), devices()]).toEqual([["cpu"], ["cpu"], ["auto"]]);
});

test("what is without effect is said", () => {
  const { notes } = line(
    "--net=vgg16-ssd",
    "--mb2-width-mult=0.5",
    "--milestones=1",
    "--freeze-net",
    "--freeze-base-net",
    "--resolution=320",
    "--t-max=30",
  );
  expect(notes).toEqual([
    "--mb2-width-mult is without effect: it counts with --net=mb2-ssd-lite: the others have no width",
    "--milestones is without effect: it counts with --scheduler=multi-step",
    "training starts from random weights: expect less, and later. --pretrained-ssd FILE starts from a detector; without one --base-net-lr 0.01 learns faster",
    "--freeze-net is without effect beside --freeze-base-net",
    "vgg16-ssd is built at 320 px; the original ignores --resolution for it",
  ]);
});

test("wrong values are refused in one sentence", () => {
  expect(() => line("--milestones=a,b", "--scheduler=multi-step")).toThrow(
    new InputError("a,b are not epochs with commas between them", { file: "--milestones", fix: "for example: --milestones 80,100" }),
  );
  expect(() => line("--batch_size=4")).toThrow("--batch_size: no such flag. Did you mean --batch-size?");
  expect(() => parse(trainSsd as never, ["--epochs", "many"])).toThrow("--num-epochs: many is not a whole number");
});

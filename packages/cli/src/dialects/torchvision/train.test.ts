import { COCO_NAMES } from "@singleshot/detection/published";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { evaluationInput, InputError } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { translate } from "../program/index.js";
import { type Effect, testEffects } from "../testing/index.js";
import { train } from "./train.js";

const V1 = "ResNet50_Weights.IMAGENET1K_V1";
const ENVIRONMENT = "is without effect: the environment says how many processes there are, as for the original";

const table: Effect[] = [
  {
    flags: ["--data-path"],
    default: "/datasets01/COCO/022719/",
    words: ["photos"],
    files: { data: ["photos"], dataset: "coco", splits: ["train"], categoryIds: COCO_NAMES },
  },
  { flags: ["--dataset"], default: "coco", words: ["voc"], files: { dataset: "voc" } },
  { flags: ["--model"], default: "maskrcnn_resnet50_fpn", words: ["ssd300_vgg16"], recipe: { "detector.network.name": "ssd300-vgg16" } },
  {
    flags: ["--device"],
    default: "cuda",
    words: ["cuda:1"],
    devices: ["cuda:1"],
    noteWithoutGpu: "--device is without effect: the device is the CPU",
  },
  { flags: ["-b", "--batch-size"], default: 2, words: ["4"], recipe: { "data.batchSize": 4, "training.microBatchSize": 4 } },
  { flags: ["--epochs"], default: 26, words: ["5"], recipe: { "schedule.epochs": 5 } },
  { flags: ["-j", "--workers"], default: 4, words: ["0"], recipe: { "data.workers": 0 } },
  { flags: ["--opt"], default: "sgd", words: ["sgd_nesterov"], recipe: { "optimizer.name": "sgd", "optimizer.nesterov": true } },
  { flags: ["--lr"], default: 0.02, words: ["0.15"], recipe: { "optimizer.learningRate": 0.15 } },
  { flags: ["--momentum"], default: 0.9, words: ["0.8"], recipe: { "optimizer.momentum": 0.8 } },
  { flags: ["--wd", "--weight-decay"], default: 1e-4, words: ["4e-5"], recipe: { "optimizer.weightDecay": 4e-5 } },
  { flags: ["--norm-weight-decay"], words: ["0.0"], recipe: { "optimizer.normWeightDecay": 0 } },
  {
    flags: ["--lr-scheduler"],
    default: "multisteplr",
    words: ["CosineAnnealingLR"],
    recipe: { "schedule.name": "cosine", "schedule.finalFactor": 0, "schedule.per": "epoch" },
  },
  {
    flags: ["--lr-step-size"],
    default: 8,
    words: ["3"],
    note: "--lr-step-size is without effect: the original never looks at it; --lr-steps counts",
  },
  {
    flags: ["--lr-steps"],
    default: [16, 22],
    words: ["80", "110"],
    recipe: { "schedule.milestones": [80, 110], "schedule.name": "multi-step" },
  },
  { flags: ["--lr-gamma"], default: 0.1, words: ["0.5"], recipe: { "schedule.gamma": 0.5 } },
  { flags: ["--print-freq"], default: 20, words: ["5"], value: 5 },
  { flags: ["--output-dir"], default: ".", words: ["out"], folder: "out" },
  { flags: ["--resume"], default: "", words: ["model_3.pth"], value: "model_3.pth" },
  {
    flags: ["--start_epoch"],
    default: 0,
    words: ["3"],
    recipe: { "schedule.epochs": 23, "schedule.warmupSteps": 0, "schedule.milestones": [16, 22] },
  },
  { flags: ["--aspect-ratio-group-factor"], default: 3, words: ["-1"], recipe: { "data.aspectGroups": false } },
  { flags: ["--rpn-score-thresh"], words: ["0.5"], note: "--rpn-score-thresh is without effect: single-shot detectors have none" },
  { flags: ["--trainable-backbone-layers"], words: ["1"], beside: ["--weights-backbone", V1], recipe: { "training.freeze": 4 } },
  {
    flags: ["--data-augmentation"],
    default: "hflip",
    words: ["multiscale"],
    recipe: { "data.augmentation": "multiscale", "detector.input.shortSides": [480, 512, 544, 576, 608, 640, 672, 704, 736, 768, 800] },
  },
  { flags: ["--sync-bn"], default: false, recipe: { "training.syncBatchNorm": true } },
  { flags: ["--test-only"], default: false, value: true },
  {
    flags: ["--use-deterministic-algorithms"],
    default: false,
    note: "--use-deterministic-algorithms is without effect: every run here asks for them, and libtorch warns where a GPU has none",
  },
  { flags: ["--world-size"], default: 1, words: ["8"], note: `--world-size ${ENVIRONMENT}` },
  { flags: ["--dist-url"], default: "env://", words: ["tcp://x"], note: `--dist-url ${ENVIRONMENT}` },
  {
    flags: ["--weights"],
    words: ["RetinaNet_ResNet50_FPN_Weights.COCO_V1"],
    recipe: { "training.weights": "RetinaNet_ResNet50_FPN_Weights.COCO_V1", "training.freeze": 2, "detector.network.norm": "frozen" },
  },
  {
    flags: ["--weights-backbone"],
    words: [V1],
    recipe: { "training.backbone": V1, "training.freeze": 2, "detector.network.norm": "frozen" },
  },
  { flags: ["--amp"], default: false, recipe: { "training.precision": "auto" } },
  { flags: ["--use-copypaste"], default: false, refused: "copy-paste needs the objects' masks, and data sets here have boxes" },
  { flags: ["--backend"], default: "PIL", words: ["tensor"], note: "--backend is without effect: there is one way" },
  { flags: ["--use-v2"], default: false, note: "--use-v2 is without effect: boxes without area are left out in any case" },
];

testEffects(train as never, table, ["--model", "retinanet_resnet50_fpn"]);

const line = (text: string) => translate(train as never, text.split(" "));

describe("the recipes of torchvision's README", () => {
  test.each([
    [
      "ssd300-vgg16",
      "--dataset coco --model ssd300_vgg16 --epochs 120 --lr-steps 80 110 --aspect-ratio-group-factor 3 --lr 0.002 --batch-size 4 --weight-decay 0.0005 --data-augmentation ssd --weights-backbone VGG16_Weights.IMAGENET1K_FEATURES",
    ],
    [
      "ssdlite320",
      "--dataset coco --model ssdlite320_mobilenet_v3_large --epochs 660 --aspect-ratio-group-factor 3 --lr-scheduler cosineannealinglr --lr 0.15 --batch-size 24 --weight-decay 0.00004 --data-augmentation ssdlite",
    ],
    [
      "ssdlite320-fulltail",
      "--dataset coco --model ssdlite320_mobilenet_v3_large --epochs 660 --aspect-ratio-group-factor 3 --lr-scheduler cosineannealinglr --lr 0.15 --batch-size 24 --weight-decay 0.00004 --data-augmentation ssdlite --weights-backbone MobileNet_V3_Large_Weights.IMAGENET1K_V1",
    ],
    [
      "retinanet-resnet50",
      "--dataset coco --model retinanet_resnet50_fpn --epochs 26 --lr-steps 16 22 --aspect-ratio-group-factor 3 --lr 0.01 --weights-backbone ResNet50_Weights.IMAGENET1K_V1",
    ],
    [
      "retinanet-resnet50-v2",
      "--dataset coco --model retinanet_resnet50_fpn_v2 --epochs 26 --opt adamw --lr 0.0001 --lr-steps 16 22 --aspect-ratio-group-factor 3 --weight-decay 0.05 --norm-weight-decay 0.0 --data-augmentation multiscale --weights-backbone ResNet50_Weights.IMAGENET1K_V2 --sync-bn",
    ],
  ])("%s is the shipped recipe, at one process's pictures a step", (name, text) => {
    const { detector, data, optimizer, schedule, training } = line(text).recipe;
    const shipped = resolveRecipe(recipes.get(name));
    expect(detector).toEqual(shipped.detector);
    expect({ ...data, batchSize: 0, workers: 0 }).toEqual({ ...shipped.data, batchSize: 0, workers: 0 });
    expect(optimizer).toEqual(shipped.optimizer);
    expect(schedule).toEqual(shipped.schedule);
    expect(training.freeze ?? 0).toBe(shipped.training.freeze ?? 0);
  });
});

test("without weights all of the backbone trains, and torchvision's other norm and tail are built", () => {
  const { recipe, notes } = line("--model retinanet_resnet50_fpn --trainable-backbone-layers 1");
  expect([recipe.training.freeze, recipe.detector.network]).toMatchObject([0, { norm: "batch" }]);
  expect(notes.slice(1)).toEqual(["--trainable-backbone-layers is without effect: no weights are given, so all of the backbone trains"]);
  expect(line("--model ssdlite320_mobilenet_v3_large").recipe.detector.network).toMatchObject({ reducedTail: true });
});

describe("training sees pictures as the model resizes them, or as a preset that resizes has left them", () => {
  const several = Array.from({ length: 11 }, (_, k) => 480 + 32 * k);
  const sides = (shortSides: number[], multiple: number, longSide = 1333) => ({ resize: "sides", shortSides, longSide, multiple });
  const square = (side: number) => ({ resize: "stretch", width: side, height: side });
  const of800 = { hflip: sides([800], 32), multiscale: sides(several, 32), lsj: sides([1024], 32, 1024) };
  const ofOneSize = (side: number) => ({ hflip: square(side), multiscale: sides(several, 1), lsj: sides([1024], 1, 1024) });
  const models = {
    ssd300_vgg16: { ...ofOneSize(300), evaluation: square(300) },
    ssdlite320_mobilenet_v3_large: { ...ofOneSize(320), evaluation: square(320) },
    retinanet_resnet50_fpn: { ...of800, evaluation: sides([800], 32) },
    retinanet_resnet50_fpn_v2: { ...of800, evaluation: sides([800], 32) },
  };
  const presets = { hflip: "hflip", ssd: "hflip", ssdlite: "hflip", multiscale: "multiscale", lsj: "lsj" } as const;

  test.each(Object.keys(models) as (keyof typeof models)[])("%s", (model) => {
    for (const [preset, like] of Object.entries(presets)) {
      const { input, trainingInput = input } = line(`--model ${model} --data-augmentation ${preset}`).recipe.detector;
      expect([preset, trainingInput]).toEqual([preset, models[model][like]]);
      expect([preset, evaluationInput(input)]).toEqual([preset, models[model].evaluation]);
    }
    expect(line(`--model ${model}`).recipe.detector.input).toEqual(models[model].hflip);
  });
});

test("labels are COCO's ids where the data set is said to be COCO's, which is said, and else its own classes", () => {
  const model = "--model ssd300_vgg16";
  expect(line(model).notes).toEqual([
    "labels are COCO's category ids, 91 classes with the background, as in the original (--dataset auto: the data set's own classes); in our own words they stand in a file, one a line: --labels FILE",
  ]);
  const { files, notes } = line(`${model} --dataset auto`);
  expect([files.categoryIds, notes]).toEqual([undefined, []]);
});

test("RetinaNet's first published weights belong to norms without epsilon, and only they", () => {
  const epsOf = (text: string) => {
    const { network } = line(`--model retinanet_resnet50_fpn ${text}`).recipe.detector;
    return "normEps" in network && network.normEps;
  };
  expect(epsOf("--weights RetinaNet_ResNet50_FPN_Weights.COCO_V1")).toBe(0);
  expect(epsOf("--weights RetinaNet_ResNet50_FPN_Weights.DEFAULT")).toBe(0);
  expect(epsOf(`--weights-backbone ${V1}`)).toBe(1e-5);
  expect(epsOf("--weights mine.pth")).toBe(1e-5);
});

test("a first epoch has a number, the schedule of a fresh scheduler, and no warm-up; of a checkpoint's epoch nothing is to be said", () => {
  const cosine = line("--model ssd300_vgg16 --start_epoch 20 --lr-scheduler cosineannealinglr").recipe.schedule;
  expect(cosine).toMatchObject({ name: "cosine", epochs: 6, period: 26, warmupSteps: 0 });
  const { recipe, notes } = line("--model ssd300_vgg16 --dataset auto --start_epoch 3 --resume model_2.pth");
  expect(recipe.schedule).toMatchObject({ epochs: 26, warmupSteps: 1000 });
  expect(notes).toEqual(["--start_epoch is without effect: it counts without --resume, whose checkpoint knows its epoch"]);
  expect(() => line("--model ssd300_vgg16 --start_epoch 26")).toThrow("--start_epoch: 26 is not before the last of 26 epochs");
});

test("what is no single-shot detector, and unknown names, are refused", () => {
  const fix = "it can be ssd300_vgg16, ssdlite320_mobilenet_v3_large, retinanet_resnet50_fpn, retinanet_resnet50_fpn_v2";
  expect(() => line("--dataset coco")).toThrow(
    new InputError("maskrcnn_resnet50_fpn is no single-shot detector", { file: "--model", fix }),
  );
  expect(() => line("--model ssd300_vgg16 --opt lion")).toThrow("--opt: lion is not known. It can be sgd, sgd_nesterov, adamw.");
  expect(() => line("--model ssd300_vgg16 --dataset coco_kp")).toThrow("--dataset: key points are not detected here. Use coco.");
  expect(() => line("--model ssd300_vgg16 --weights X --trainable-backbone-layers 6")).toThrow("6 is not a number from 0 to 5");
});

import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { expect, test } from "vitest";
import { parse, translate } from "../program/index.js";
import { type Effect, testEffects, testSpellings } from "../testing/index.js";
import { anchors } from "./anchors.js";
import { pretrain, pretrainingWords, pretrainRecipe } from "./pretrain.js";
import { show } from "./show.js";
import { showBbox } from "./show-bbox.js";
import { train } from "./train.js";

const folder: Effect = { flags: ["--folder"], default: ".", words: ["out"], folder: "out" };
const device: Effect = {
  flags: ["--device", "--GPU_DEVICE"],
  default: "0",
  words: ["0,1"],
  value: "0,1",
  devices: ["cuda:0", "cuda:1"],
};
const lists: Effect[] = [
  { flags: ["--root"], default: "VOC2012/JPEGImages", words: ["pictures"], files: { images: "pictures", dataset: "list" } },
  { flags: ["--list-file", "--list_file"], default: "data/voc_trainval.txt", words: ["list.txt"], files: { annotations: "list.txt" } },
];

testEffects(train as never, [
  { flags: ["--load"], default: false, words: ["True"], recipe: { "training.weights": "net.pkl", "training.backbone": undefined } },
  { flags: ["--save"], default: true, words: ["False"], value: false },
  { flags: ["--pretrain"], default: true, words: ["True"], recipe: { "training.backbone": "net_e_pretrain.pkl" } },
  { flags: ["--freeze-bn", "--freeze_bn"], default: false, words: ["True"], recipe: { "training.freezeBatchNorm": true } },
  { flags: ["--num-epochs", "--num_epochs"], default: 200, words: ["3"], recipe: { "schedule.epochs": 3, "schedule.name": "constant" } },
  { flags: ["--nbatch"], default: 30, words: ["8"], recipe: { "data.batchSize": 8 } },
  { flags: ["--lr"], default: 0.01, words: ["0.1"], recipe: { "optimizer.learningRate": 0.1 } },
  ...lists,
  { flags: ["--size"], default: 257, words: ["513"], recipe: { "detector.input.width": 513, "detector.input.height": 513 } },
  {
    flags: ["--iou-th", "--iou_th"],
    default: [0.3, 0.5],
    words: ["0.4", "0.6"],
    recipe: { "detector.matcher.background": 0.4, "detector.matcher.foreground": 0.6 },
  },
  device,
  folder,
]);

test("the tutorial's constants are the shipped recipe", () => {
  expect(translate(train as never, []).recipe).toEqual(resolveRecipe(recipes.get("retinanet-scratch")));
});

test("sizes that the pyramid cannot double are refused with their neighbours", () => {
  expect(() => translate(train as never, ["--size", "320"])).toThrow("--size: 320 is not 32 k + 1. Take 289 or 321.");
  expect(() => translate(train as never, ["--iou_th", "0.5", "0.3"])).toThrow(
    "--iou-th: 0.5 0.3 are not two thresholds, the lower one first",
  );
});

testSpellings(pretrain as never, [
  { flags: ["--load"], default: false },
  { flags: ["--save"], default: true },
  { flags: ["--epoch-num", "--epoch_num"], default: [150_000, 300_000, 550_000] },
  { flags: ["--step-save", "--step_save"], default: 200 },
  { flags: ["--step-eval", "--step_eval"], default: 50 },
  { flags: ["--lr"], default: 0.1 },
  { flags: ["--lr-decay", "--lr_decay"], default: 0.1 },
  { flags: ["--nbatch-train", "--nbatch_train"], default: 128 },
  { flags: ["--nbatch-eval", "--nbatch_eval"], default: 128 },
  { flags: ["--size"], default: 224 },
  device,
  { flags: ["--root-train", "--root_train"], default: "ILSVRC2012/train" },
  { flags: ["--root-eval", "--root_eval"], default: "ILSVRC2012/val" },
  folder,
]);

test("pretraining's constants go into the classifier's recipe", () => {
  const words = "--epoch_num 10 20 --step_save 5 --step_eval 2 --lr 0.2 --lr_decay 0.5 --nbatch_train 4 --size 64 --load True --folder out";
  const { values } = parse(pretrain as never, words.split(" "));
  expect(pretrainRecipe(values as never)).toMatchObject({
    classifier: { side: 64 },
    data: { batchSize: 4 },
    optimizer: { learningRate: 0.2 },
    schedule: { unit: "step", milestones: [10], gamma: 0.5 },
    steps: 20,
    training: { saveEvery: { steps: 5 }, weights: "out/net_e.pkl" },
    evaluation: { probeEverySteps: 2 },
  });
});

test("pretraining in our own words evaluates on the same pictures", () => {
  const { values } = parse(pretrain as never, ["--root_train", "ILSVRC2012/train", "--root_eval", "other pictures/val"]);
  const words =
    "npx singleshot pretrain --recipe run-1/config.json --data ILSVRC2012/train --eval-data 'other pictures/val' --dataset folder";
  expect(pretrainingWords(values as never, { out: "run-1" })).toBe(words);
  expect(pretrainingWords(values as never, { out: "run-1", device: "cuda:0" })).toBe(`${words} --device cuda:0`);
});

const out = (name: string): Effect => ({ flags: ["--out"], default: name });
testSpellings(show as never, [
  { flags: ["--folder"], default: "." },
  { flags: ["--labels"] },
  { flags: ["--score"], default: 0.5 },
  { flags: ["--nms-th", "--nms_th"], default: 0.5 },
  out("show.png"),
]);
testSpellings(showBbox as never, [...lists, { flags: ["--size"], default: 257 }, { flags: ["--count"], default: 6 }, out("show_bbox.png")]);
testSpellings(anchors as never, [{ flags: ["--size"], default: 257 }, out("anchors.png")]);

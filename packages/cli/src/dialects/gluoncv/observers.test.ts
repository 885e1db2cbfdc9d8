import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { recipes } from "@singleshot/detection/recipes";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../testing/index.js";
import { parse } from "../program/index.js";
import { pets, play } from "../testing/index.js";
import { observers } from "./observers.js";
import { trainSsd } from "./train-ssd.js";

const folder = temporaryFolder();

test("the log and the files are train_ssd.py's", async () => {
  const lines: string[] = [];
  const words = ["--log-interval=2", "--save-interval=5", "--start-epoch=4", "--save-prefix", `${folder}/`];
  const { values } = parse(trainSsd as never, words);
  const recipe = recipes.get("ssd300-vgg16-atrous-voc")!;
  const observed = { flags: values, folder, recipe, train: pets, evaluation: pets, say: (line: string) => lines.push(line) };
  await play(observers(observed as never), recipe, { evaluate: [1] });
  expect(lines[0]).toMatch(/^Namespace\(network='vgg16_atrous', data_shape=300, batch_size=32, dataset='voc', .*\)$/);
  expect(lines.slice(1)).toEqual([
    "Start training from [Epoch 4]",
    "[Epoch 4][Batch 1], Speed: 4.000 samples/sec, CrossEntropy=5.250, SmoothL1=3.250",
    "[Epoch 4] Training cost: 3.000, CrossEntropy=5.000, SmoothL1=3.000",
    "[Epoch 4] Validation: \ncat=0.75\ndog=nan\nmAP=0.375",
    "[Epoch 5] Set learning rate to 0.05",
    "[Epoch 5][Batch 1], Speed: 4.000 samples/sec, CrossEntropy=3.750, SmoothL1=1.750",
    "[Epoch 5] Training cost: 3.000, CrossEntropy=3.500, SmoothL1=1.500",
  ]);
  const prefix = "ssd_300_vgg16_atrous_voc";
  const text = (name: string) => readFileSync(join(folder, `${prefix}_${name}`), "utf8");
  expect(readdirSync(folder).sort()).toEqual(
    ["0005_0.0000.params", "best.params", "best_map.log", "train.log"].map((name) => `${prefix}_${name}`),
  );
  expect(text("best_map.log")).toBe("0004:\t0.3750\n");
  expect(text("train.log")).toBe(`${lines.join("\n")}\n`);
});

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { serialize, type Tensor } from "@singleshot/torch";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../testing/index.js";
import { parse } from "../program/index.js";
import { pets, play } from "../testing/index.js";
import { lowestLossFile } from "./files.js";
import { observers } from "./observers.js";
import { trainSsd } from "./train-ssd.js";

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

async function runOn(device: string, ...argv: string[]): Promise<string[]> {
  const lines: string[] = [];
  const { values } = parse(trainSsd as never, ["--debug-steps=2", "--model-dir", folder, ...argv]);
  const recipe = resolveRecipe(recipes.get("mb1-ssd"));
  await play(
    observers({ flags: values, folder, recipe, train: pets, evaluation: pets, say: (line: string) => lines.push(line), device } as never),
    recipe,
  );
  return lines;
}

const run = (...argv: string[]) => runOn("cpu", ...argv);

test("the log is train_ssd.py's", async () => {
  const lines = await run();
  expect(lines.every((line) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - /.test(line))).toBe(true);
  const [namespace, ...messages] = lines.map((line) => line.slice("2026-01-02 03:04:05 - ".length));
  expect(namespace).toMatch(
    /^Namespace\(dataset_type='open_images', datasets=\['data'\], balance_data=False, net='mb1-ssd', resolution=300, .*\)$/,
  );
  expect(messages).toEqual([
    "model resolution 300x300",
    "SSDSpec(feature_map_size=19, shrinkage=16, box_sizes=SSDBoxSizes(min=60, max=105), aspect_ratios=[2, 3])",
    ...Array.from({ length: 5 }, () => expect.stringMatching(/^SSDSpec\(/)),
    "Prepare training datasets.",
    "Dataset Summary:",
    "Number of Images: 2",
    "Minimum Number of Images for a Class: 1",
    "Label Distribution:",
    "    cat: 2",
    "    dog: 2",
    `Stored labels into file ${at("labels.txt")}.`,
    "Train dataset size: 2",
    "Prepare Validation datasets.",
    "Validation dataset size: 2",
    "Build network.",
    expect.stringMatching(/^Took \d+\.\d\d seconds to load the model\.$/),
    "Learning rate: 0.01, Base net learning rate: 0.001, Extra Layers learning rate: 0.01.",
    "Uses CosineAnnealingLR scheduler.",
    "Start training from epoch 0.",
    "Epoch: 0, Step: 2/3, Avg Loss: 8.0000, Avg Regression Loss 3.0000, Avg Classification Loss: 5.0000",
    "Epoch: 0, Training Loss: 8.0000, Training Regression Loss 3.0000, Training Classification Loss: 5.0000",
    "Epoch: 0, Validation Loss: 2.5000, Validation Regression Loss 1.2500, Validation Classification Loss: 1.2500",
    "Epoch: 0, Average Precision Per-class:",
    "    cat: 0.75",
    "    dog: nan",
    "Epoch: 0, Mean Average Precision (mAP):  0.375",
    `Saved model ${at("mb1-ssd-Epoch-0-Loss-2.5.pth")}`,
    "Epoch: 1, Step: 2/3, Avg Loss: 5.0000, Avg Regression Loss 1.5000, Avg Classification Loss: 3.5000",
    "Epoch: 1, Training Loss: 5.0000, Training Regression Loss 1.5000, Training Classification Loss: 3.5000",
    "Epoch: 1, Validation Loss: 1.2500, Validation Regression Loss 0.6250, Validation Classification Loss: 0.6250",
    "Epoch: 1, Average Precision Per-class:",
    "    cat: 0.75",
    "    dog: nan",
    "Epoch: 1, Mean Average Precision (mAP):  0.375",
    `Saved model ${at("mb1-ssd-Epoch-1-Loss-1.25.pth")}`,
    "Task done, exiting program.",
  ]);
});

test("on a GPU that is said first", async () => {
  expect((await runOn("cuda:0"))[1]).toMatch(/ - Using CUDA\.\.\.$/);
});

test("lines that are less important than the level are left out", async () => {
  expect(await run("--log-level", "warning")).toEqual([]);
});

test("the files are train_ssd.py's", () => {
  const names = readdirSync(folder).sort();
  expect(names).toEqual(["eval_results", "labels.txt", "mb1-ssd-Epoch-0-Loss-2.5.pth", "mb1-ssd-Epoch-1-Loss-1.25.pth", "tensorboard"]);
  expect(readFileSync(at("labels.txt"), "utf8")).toBe("BACKGROUND\ncat\ndog");
  expect(readdirSync(at("eval_results"))).toEqual(["det_test_cat.txt", "det_test_dog.txt"]);
  expect(readFileSync(at("eval_results/det_test_dog.txt"), "utf8")).toBe("a\t0.5\t2\t3\t4\t5\n");
  const [run] = readdirSync(at("tensorboard"));
  expect(run).toMatch(/^\d{8}_\d{6}$/);
  const [events] = readdirSync(at(`tensorboard/${run}`));
  const curves = readFileSync(at(`tensorboard/${run}/${events}`), "latin1");
  const sets = ["train", "val"].flatMap((set) => [`Loss/${set}`, `Regression Loss/${set}`, `Classification Loss/${set}`]);
  const tags = [...sets, "Mean Average Precision/val", "Class Average Precision/cat"];
  expect(tags.filter((tag) => !curves.includes(tag))).toEqual([]);
  const weights = serialize.load(at("mb1-ssd-Epoch-0-Loss-2.5.pth")) as Map<string, Tensor>;
  expect([...weights.keys()]).toEqual(["weight"]); // a bare state dict: all else stands beside it
  for (const tensor of weights.values()) tensor.dispose();
});

test("the curves have train_ssd.py's eight kinds of tags", () => {
  const run = join(at("tensorboard"), readdirSync(at("tensorboard"))[0]!);
  const written = readFileSync(join(run, readdirSync(run)[0]!), "latin1");
  const losses = ["train", "val"].flatMap((set) => ["Loss", "Regression Loss", "Classification Loss"].map((name) => `${name}/${set}`));
  const tags = [...losses, "Mean Average Precision/val", "Class Average Precision/cat"];
  expect(tags.filter((tag) => !written.includes(`${String.fromCharCode(tag.length)}${tag}`))).toEqual([]); // a text stands behind its length
});

test("of a folder's files the one with the lowest loss in its name is taken", () => {
  for (const name of ["a-Loss-1e-05.pth", "mobilenet-v1-ssd-mp-0_675.pth", "a-Loss-nan.pth", "last.pth"]) writeFileSync(at(name), "");
  expect(lowestLossFile(folder)).toBe(at("a-Loss-1e-05.pth"));
});

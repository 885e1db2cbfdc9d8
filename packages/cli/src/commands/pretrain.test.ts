import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspectFile } from "@singleshot/torch/inspect";
import { beforeAll, describe, expect, test } from "vitest";
import { runHere, singleshot, temporaryFolder, tinyRecipe, writeTinyData } from "../testing/index.js";

const cwd = temporaryFolder();
const at = (...names: string[]) => join(cwd, ...names);
const flags = ["--import", new URL("../testing/kill-at.js", import.meta.url).href];

const SMALL = ["classifier.side=32", "classifier.network.width=0.25", "schedule.warmupSteps=0", "evaluation.probeEverySteps=2"];
const settings = SMALL.flatMap((setting) => ["--set", setting]);
const pretrain = (out: string, data: readonly string[] = ["--data", "crops"]) =>
  [
    ...["pretrain", "--recipe", "classifier-small", ...data, "--out", out],
    ...["--steps", "7", "--batch-size", "4", "--save-every", "2", "--threads", "1", ...settings],
  ] as const;

const outcome = (run: string) => ({
  last: inspectFile(at(run, "checkpoints", "last.pth"), { digests: true }),
  metrics: readFileSync(at(run, "metrics.jsonl"), "utf8"),
  arrays: ["log_train_acc.npy", "log_eval_acc.npy"].map((name) => readFileSync(at(run, name), "hex")),
});

beforeAll(async () => {
  await writeTinyData(at("photos"));
  expect(await singleshot(["data", "convert", "photos", "--to", "folder", "--out", "crops"], { cwd })).toMatchObject({ code: 0 });
  expect(await singleshot([...pretrain("whole"), "--json", "whole.json"], { cwd })).toMatchObject({ code: 0, stderr: "" });
}, 60_000);

test("the result says how good it is and where the weights are", () => {
  const { evaluation, ...result } = JSON.parse(readFileSync(at("whole.json"), "utf8"));
  expect(result).toEqual({
    ...{ run: "whole", weights: "whole/checkpoints/best.pth", interrupted: false, stoppedEarly: false, steps: 7 },
    ...{ epochs: expect.any(Number), best: { value: expect.any(Number), epoch: expect.any(Number) } },
    bestLoss: { value: expect.any(Number), epoch: expect.any(Number) },
  });
  expect(evaluation.classes.map(({ name }: { name: string }) => name)).toEqual(["bolt", "nut"]);
});

test("killed and resumed, a classifier ends with the same tensors, numbers and arrays", async () => {
  const killed = await singleshot(pretrain("killed"), { cwd, flags, env: { KILL_AT: "line 6" } });
  expect(killed).toMatchObject({ code: null, signal: "SIGKILL" });
  expect(await singleshot(["pretrain", "--resume", "killed", "--threads", "1"], { cwd })).toMatchObject({ code: 0, stderr: "" });
  expect(outcome("killed")).toEqual(outcome("whole"));
});

test("what is evaluated on may be a data set of its own, and is still when the run goes on", async () => {
  const data = ["--data", "crops/train", "--eval-data", "crops/test"];
  expect(await singleshot(pretrain("apart", data), { cwd, flags, env: { KILL_AT: "line 6" } })).toMatchObject({ signal: "SIGKILL" });
  const config = JSON.parse(readFileSync(at("apart", "config.json"), "utf8"));
  expect(config.data).toEqual({ root: at("crops/train"), evaluationRoot: at("crops/test"), dataset: "folder", split: "" });
  expect(await singleshot(["pretrain", "--resume", "apart", "--threads", "1"], { cwd })).toMatchObject({ code: 0, stderr: "" });
  const measured = ({ last: { tensors }, ...numbers }: ReturnType<typeof outcome>) => ({ tensors, ...numbers }); // its recipe names no split
  expect(measured(outcome("apart"))).toEqual(measured(outcome("whole")));
});

test("a detector starts from a classifier's weights", async () => {
  const detector = { ...tinyRecipe.detector, network: { name: "ssdlite-mobilenet-v3-large", width: 0.25, reducedTail: false } };
  writeFileSync(at("tiny.json"), JSON.stringify({ ...tinyRecipe, detector, training: { freeze: "backbone" } }));
  const train = [
    "train",
    "--recipe",
    "tiny.json",
    "--data",
    "photos",
    "--out",
    "detector",
    "--epochs",
    "1",
    "--no-report",
    "--threads",
    "1",
  ];
  expect(await singleshot([...train, "--backbone", "whole/checkpoints/best.pth"], { cwd })).toMatchObject({ code: 0, stderr: "" });
  const digestOf = (file: string, key: string) =>
    inspectFile(at(file), { digests: true }).tensors.find((tensor) => tensor.key === key)!.sha256;
  const key = (name: string) => digestOf("whole/checkpoints/best.pth", `model.${name}`);
  const own = (name: string) => digestOf("detector/checkpoints/last.pth", `model.backbone.${name}`);
  expect(own("features.0.0.0.weight")).toBe(key("features.0.0.weight"));
  expect(own("features.1.3.1.running_var")).toBe(key("features.16.1.running_var"));
});

describe("wrong input ends in one message", () => {
  const alone: [args: string[], message: string][] = [
    [["pretrain", "--recipe", "retinanet-scratch"], "--recipe: retinanet-scratch is a recipe for another command. Use `singleshot train`."],
    [["train", "--recipe", "classifier-small"], "--recipe: classifier-small is a recipe for another command. Use `singleshot pretrain`."],
    [
      ["pretrain", "--recipe", "classifier-smal"],
      "--recipe: no recipe and no file is called classifier-smal. Did you mean classifier-small?",
    ],
    [["pretrain", "--network", "resnet5"], "--network: no classifier is called resnet5. Did you mean resnet50?"],
    [
      ["pretrain", "--recipe", "classifier-small", "--set", "classifier.width=9"],
      "--set: no recipe has the key classifier.width. Did you mean classifier.side?",
    ],
  ];

  test.each(alone)("%j", async (args, message) => {
    expect(await runHere(...args)).toEqual({ code: 2, stdout: "", stderr: `${message}\n` });
  });

  const withData: [args: string[], message: string][] = [
    [["train", "--resume", "whole"], "whole: a classifier was trained in this folder. `singleshot pretrain --resume` goes on with it."],
    [
      ["predict", "whole", "photos/JPEGImages"],
      "whole/checkpoints/best.pth: this is a classifier's recipe, not a detector's. A detector starts from its weights: `singleshot train --backbone FILE`.",
    ],
    [["pretrain", "--resume", "detector"], "detector: a detector was trained in this folder. `singleshot train --resume` goes on with it."],
    [
      ["pretrain", "--recipe", "classifier-small", "--data", "photos", "--out", "none"],
      "photos: part-01 shows bolt and nut: a classifier needs pictures of one class each. Give it a folder of pictures for each class; `singleshot data convert --to folder` cuts the objects of any data set out.",
    ],
    [
      ["pretrain", "--recipe", "classifier-small", "--data", "crops", "--eval-data", "photos", "--out", "none"],
      "photos: part-09 shows nut and bolt: a classifier needs pictures of one class each. Give it a folder of pictures for each class; `singleshot data convert --to folder` cuts the objects of any data set out.",
    ],
    [
      ["pretrain", "--recipe", "classifier-small", "--data", "crops", "--eval-data", "crop"],
      "--eval-data: no such folder: crop. Did you mean crops?",
    ],
  ];

  test.each(withData)("%j", async (args, message) => {
    expect(await singleshot(args, { cwd })).toMatchObject({ code: 2, stderr: `${message}\n` });
  });
});

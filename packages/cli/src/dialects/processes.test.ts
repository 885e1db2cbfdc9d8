import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { singleshot, temporaryFolder, writeTinyData } from "../testing/index.js";

const cwd = temporaryFolder();
const at = (...parts: string[]) => join(cwd, ...parts);

/** Two pictures to train on and one to test on: the originals' networks are what they are. */
beforeAll(async () => {
  await writeTinyData(at("few"));
  writeFileSync(at("few/ImageSets/Main/train.txt"), "part-01\npart-02\n");
  writeFileSync(at("few/ImageSets/Main/test.txt"), "part-09\n");
  await singleshot(["data", "convert", "few", "--to", "coco", "--out", "few-coco"], { cwd });
}, 60_000);

const RANK_0 = /^rank 0 of 2 \(singleshot launch\), master 127\.0\.0\.1:\d+, 1 thread each\n/;

describe("the originals in two processes, of which one speaks and writes", { timeout: 120_000 }, () => {
  test("torchvision's, behind launch: -b counts the pictures of each", async () => {
    const words = ["--data-path", "few-coco", "--model", "ssdlite320_mobilenet_v3_large", "--epochs", "1", "-b", "1", "-j", "0"];
    const launched = ["launch", "--nproc_per_node", "2", "--", "torchvision", "train", ...words, "--output-dir", "vision"];
    const { code, stdout, stderr } = await singleshot(launched, { cwd });
    expect([code, stdout]).toEqual([0, expect.stringMatching(RANK_0)]);
    expect(stderr.match(/^note: labels are COCO's category ids/gm)).toHaveLength(1);
    expect(stdout.match(/^Epoch: \[0\] +\[0\/1\] .*$/gm)).toHaveLength(1);
    expect(stdout.match(/^Training time /gm)).toHaveLength(1);
    expect(readdirSync(at("vision")).sort()).toEqual(["checkpoint.pth", "model_0.pth", "run-1"]);
  });

  test("GluonCV's, by --gpus 0,1: --batch-size counts the pictures of both", async () => {
    const words = ["--dataset", "voc", "--dataset-root", "few", "--batch-size", "2", "--epochs", "1", "--val-interval", "9", "-j", "0"];
    const own = ["--gpus", "0,1", "--log-interval", "1", "--save-interval", "0", "--save-prefix", "gluon/"];
    const { code, stdout, stderr } = await singleshot(["gluoncv", "train_ssd", ...words, ...own], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringMatching(RANK_0)]);
    const note = "note: --gpus: the device is the CPU, and 2 processes on this machine take the place of the GPUs and share the batch";
    expect(stderr.split("\n").filter((line) => line.includes("--gpus"))).toEqual([note]);
    expect(stdout.match(/^.*\[Epoch 0\]\[Batch 0\].*$/gm)).toHaveLength(1);
    expect(readdirSync(at("gluon"))).toEqual(["run-1", "ssd_300_vgg16_atrous_voc_train.log"]);
  });
});

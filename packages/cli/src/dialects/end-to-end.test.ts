import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serialize, type Tensor } from "@singleshot/torch";
import { beforeAll, describe, expect, test } from "vitest";
import { singleshot, temporaryFolder, writeTinyData } from "../testing/index.js";

const cwd = temporaryFolder();
const at = (...parts: string[]) => join(cwd, ...parts);
const run = async (...argv: string[]) => {
  const ended = await singleshot(argv, { cwd });
  expect([ended.code, ended.code === 0 ? "" : ended.stderr]).toEqual([0, ""]);
  return ended.stdout;
};

beforeAll(async () => {
  await writeTinyData(at("parts"));
  await run("data", "convert", "parts", "--to", "coco", "--out", "parts-coco");
}, 60_000);

const photo = "parts/JPEGImages/part-09.png";

describe("jetson", { timeout: 120_000 }, () => {
  const small = ["--dataset-type=voc", "--data=parts", "--net=mb2-ssd-lite", "--mb2-width-mult=0.25", "--resolution=64"];
  let model = "";

  test("trains, and leaves a file of its name for every validation", async () => {
    const told = await run("jetson", "train_ssd.py", ...small, "--epochs=2", "--validation-mean-ap", "--model-dir=models");
    expect(told).toContain(
      "In our own words: npx singleshot train --recipe models/run-1/config.json --data parts --pixels-from 1 --dataset voc",
    );
    expect(JSON.parse(readFileSync(at("models/run-1/config.json"), "utf8")).data).toMatchObject({ dataset: "voc", pixelsFrom: 1 });
    expect(told).toMatch(
      / - Epoch: 1, Validation Loss: \d+\.\d{4}, Validation Regression Loss \d+\.\d{4}, Validation Classification Loss: \d+\.\d{4}\n/,
    );
    expect(told).toContain(" - Task done, exiting program.");
    expect(readFileSync(at("models/labels.txt"), "utf8")).toBe("BACKGROUND\nbolt\nnut");
    const files = readdirSync(at("models")).filter((name) => /^mb2-ssd-lite-Epoch-[01]-Loss-\d+\.\d+\.pth$/.test(name));
    expect(files).toHaveLength(2);
    model = `models/${files[1]}`;
    expect(existsSync(at("models/eval_results/det_test_bolt.txt"))).toBe(true);
  });

  test("its file is a bare state dict of pytorch-ssd's keys", () => {
    const saved = serialize.load(at(model)) as Map<string, Tensor>;
    expect(saved.size).toBe(478);
    expect([...saved.keys()][0]).toBe("base_net.0.0.weight");
    for (const tensor of saved.values()) tensor.dispose();
  });

  test("the other programs know its width and resolution, and refuse to be told others", async () => {
    const evaluation = ["jetson", "eval_ssd", "--model", model, "--dataset", "parts", "--eval_dir", "found"];
    const told = await singleshot([...evaluation, "--label_file", "models/labels.txt"], { cwd });
    expect([told.code, told.stderr]).toEqual([0, "note: --label_file is without effect: the original takes those of the data set\n"]);
    expect(told.stdout).toMatch(
      /\nAverage Precision Per-class:\nbolt: [\d.e-]+\nnut: [\d.e-]+\n\nAverage Precision Across All Classes:[\d.e-]+\n/,
    );
    const { code, stderr } = await singleshot(["jetson", "eval_ssd", "--model", model, "--mb2_width_mult", "1", "--dataset", "parts"], {
      cwd,
    });
    expect([code, stderr]).toEqual([2, `${model}: its width is 0.25, the command line says 1. Leave the flag out: the file knows.\n`]);
    const drawn = await run("jetson", "run_ssd_example", "mb2-ssd-lite", model, "models/labels.txt", photo);
    expect(drawn).toMatch(/^Found \d+ objects\. The output image is run_ssd_example_output\.jpg\n$/);
    expect(await run("predict", model, photo)).toContain(photo);
  });

  test("trains again from its own file", async () => {
    const told = await run("jetson", "train_ssd", ...small, "--epochs=1", `--resume=${model}`, "--model-dir=again");
    expect(told).toContain(` - Resuming from the model ${model}\n`);
  });
});

describe("sparrow", { timeout: 60_000 }, () => {
  test("trains with constants from a file, and draws what best.pt finds", async () => {
    writeFileSync(
      at("sparrow.yaml"),
      "IMG_SIZE: 64\nBATCH_SIZE: 4\nNUM_WORKERS: 1\nWIDTH_MULT: 0.25\nDATA_ROOT: parts-coco\nSAVE_DIR: sparrow\n",
    );
    const told = await run("sparrow", "train", "--config", "sparrow.yaml", "--EPOCHS", "1", "--WARMUP_EPOCHS", "0");
    expect(told).toMatch(
      /\[Epoch 001\] valid: \{'loss': [\d.]+, 'cls': [\d.]+, 'reg': [\d.]+\} {2}mAP=\d\.\d{4}\n {2}✓ saved best to sparrow\/best\.pt\n/,
    );
    const drawn = await run("sparrow", "infer", "--weights", "sparrow/best.pt", "--class-name", "bolt", photo);
    expect(drawn).toMatch(/^parts\/JPEGImages\/part-09\.png: \d+ found, drawn into infer-part-09\.png\n$/);
  });
});

describe("retinanet", { timeout: 120_000 }, () => {
  test("trains in a process for each of its devices, and one of them speaks and writes", async () => {
    await run("data", "convert", "parts", "--to", "list", "--out", "parts-list");
    const small = ["--size", "65", "--nbatch", "4", "--num_epochs", "1", "--folder", "tutorial", "--GPU_DEVICE", "0,1"];
    const lists = ["--root", "parts-list/images", "--list_file", "parts-list/train.txt"];
    const { code, stdout, stderr } = await singleshot(["retinanet", "train", ...lists, ...small], { cwd });
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^rank 0 of 2 \(singleshot launch\), master 127\.0\.0\.1:\d+, 1 thread each\n/),
    ]);
    expect(stdout.match(/^epc:0,step:\d,loss:\d+\.\d{6}$/gm)).toHaveLength(2);
    const note = "note: --device: the device is the CPU, and 2 processes on this machine take the place of the GPUs and share the batch";
    expect(stderr.split("\n").filter((line) => line.includes("--device"))).toEqual([note]);
    expect(readdirSync(at("tutorial")).sort()).toEqual(["log.npy", "net_d.pkl", "net_e.pkl", "run-1"]);
  });
});

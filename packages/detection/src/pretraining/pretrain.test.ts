import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectClose } from "@singleshot/testing";
import { inspectFile } from "@singleshot/torch/inspect";
import { simulatedDevice } from "@singleshot/torch/testing";
import { type Dataset, InputError } from "@singleshot/vision";
import { readDataset, writePicture } from "@singleshot/vision/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { merge, type PretrainingRecipe, pretrainingRecipes, resolvePretrainingRecipe } from "../recipes/index.js";
import { replay } from "../training/index.js";
import {
  type PretrainingObserver,
  type PretrainOptions,
  pretrain,
  pretrainingTensorBoard,
  replayPretraining,
  tutorialArrays,
} from "./index.js";

const device = simulatedDevice();
const root = mkdtempSync(join(tmpdir(), "singleshot-pretraining-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (...names: string[]) => join(root, ...names);

const COLORS = { bolt: [220, 60, 40], nut: [40, 90, 220], washer: [60, 200, 70] } as const;

/** Pictures of one colour a class, at several brightnesses and sizes. */
async function writePictures(folder: string, perClass: number): Promise<void> {
  for (const [name, color] of Object.entries(COLORS)) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < perClass; i++) {
      const [width, height] = [24 + 3 * i, 40 - 2 * i];
      const data = Uint8Array.from({ length: 3 * width * height }, (_, k) => color[k % 3]! * (0.6 + 0.05 * ((i + k) % 8)));
      await writePicture(join(folder, name, `${i}.png`), { data, width, height });
    }
  }
}

const recipe = (changes: object = {}): PretrainingRecipe =>
  resolvePretrainingRecipe(
    merge(
      {
        ...pretrainingRecipes.get("classifier-small"),
        classifier: {
          network: { name: "mobilenet-v1", width: 0.25 },
          side: 64,
          normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
        },
        data: { augmentation: "retinanet-scratch-pretrain", batchSize: 4, workers: 0, lastBatch: "keep" },
        optimizer: { name: "sgd", learningRate: 0.05, momentum: 0.9, weightDecay: 1e-4 },
        schedule: { name: "multi-step", epochs: 2, unit: "step", milestones: [5], gamma: 0.1 },
        training: { emaDecay: 0.9, saveEvery: { steps: 2 } },
        evaluation: { probeEverySteps: 2 },
      },
      changes,
    ),
  );

let train: Dataset;
let evaluation: Dataset;
beforeAll(async () => {
  await writePictures(at("data", "train"), 5);
  await writePictures(at("data", "val"), 2);
  train = await readDataset(at("data"), { split: "train" });
  evaluation = await readDataset(at("data"), { split: "val" });
});

const run = (out: string, options: Partial<Pick<PretrainOptions, "recipe" | "resume" | "signal" | "observers" | "device">> = {}) =>
  pretrain({ recipe: recipe(), data: { train, evaluation, root: at("data") }, out: at(out), ...options });

const outcome = (name: string) => ({
  last: inspectFile(at(name, "checkpoints", "last.pth"), { digests: true }),
  best: inspectFile(at(name, "checkpoints", "best.pth"), { digests: true }),
  metrics: readFileSync(at(name, "metrics.jsonl"), "utf8"),
});
const lines = (name: string): Record<string, unknown>[] =>
  readFileSync(at(name, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

const calm = {
  optimizer: { name: "adamw", learningRate: 0.003 },
  schedule: { name: "constant", epochs: 1 },
  evaluation: { everyEpochs: 100 },
};

describe("a classifier", () => {
  test("is trained on another device as on the CPU", async () => {
    const slow = recipe({ ...calm, optimizer: { name: "sgd", learningRate: 1e-7 } }); // batch norm over four pictures magnifies rounding
    await run("here", { recipe: slow });
    await run("there", { recipe: slow, device });
    const losses = (name: string) => lines(name).flatMap(({ loss }) => (loss === undefined ? [] : [loss as number]));
    expectClose(losses("there"), losses("here"), { rtol: 1e-3 });
    expect(lines("there").map(Object.keys)).toEqual(lines("here").map(Object.keys));
  });

  test("learns what it is shown", async () => {
    const { progress, interrupted } = await run("learns", {
      recipe: recipe({ ...calm, data: { augmentation: "eval", batchSize: 15 }, steps: 12 }),
    });
    expect([interrupted, progress.globalStep]).toEqual([false, 12]);
    expect(lines("learns").flatMap(({ step, accuracy }) => (Number(step) > 8 ? (accuracy ?? []) : []))).toEqual([1, 1, 1, 1]);
  });

  test("a step in which a number is not finite stops it, and can be repeated picture by picture", async () => {
    const wild = recipe({ ...calm, optimizer: { name: "sgd", learningRate: 1e30 } });
    const file = at("wild", "replay", "step-2.pth");
    await expect(run("wild", { recipe: wild })).rejects.toThrow(
      expect.objectContaining({
        name: "InputError",
        message: expect.stringMatching(
          /^step 2 of epoch 1: the loss is not finite \(NaN\), on .+ `singleshot pretrain --replay .+step-2\.pth`/,
        ),
      }),
    );
    const { losses, pictures, ...rest } = replayPretraining(file);
    const notFinite = ["weights features.0.1.running_var", "the gradient of features.0.0.weight"];
    expect(losses).toEqual({ loss: Number.NaN });
    expect(rest).toEqual({ epoch: 1, step: 2, learningRate: 1e30, gradientNorm: Number.NaN, notFinite });
    expect(pictures.map(({ loss }) => loss)).toEqual(new Array(4).fill(expect.any(Number)));
    expect(() => replay(file)).toThrow(new InputError("a step of another command", { file, fix: "use `singleshot pretrain --replay`" }));
  });

  test("stopped in the middle of a pass and resumed, it ends with the same tensors and numbers, its optimizer with it", async () => {
    await run("whole");
    for (const stopAfter of [1, 3, 6]) {
      const controller = new AbortController();
      const stop: PretrainingObserver = { stepped: ({ step }) => step === stopAfter && controller.abort() };
      expect((await run("parts", { signal: controller.signal, observers: [stop], resume: stopAfter > 1 })).interrupted).toBe(true);
    }
    expect((await run("parts", { resume: true })).interrupted).toBe(false);
    expect(outcome("parts")).toEqual(outcome("whole"));
    expect(outcome("whole").last.tensors.some(({ key }) => key.includes("momentum_buffer"))).toBe(true);
  });

  test("is trained for so many steps, whatever they are in passes; the learning rate falls at its milestones", async () => {
    await run("steps", { recipe: recipe({ steps: 7, evaluation: { probeEverySteps: 3 } }) });
    const steps = lines("steps").filter(({ loss }) => loss !== undefined);
    expect(steps.map(({ step, epoch, learningRate }) => [step, epoch, learningRate])).toEqual([
      ...[1, 2, 3, 4].map((step) => [step, 1, 0.05]),
      [5, 2, 0.05],
      [6, 2, 0.05 * 0.1],
      [7, 2, 0.05 * 0.1],
    ]);
  });

  test("may be looked at between steps without a change in what it learns", async () => {
    await run("unprobed", { recipe: recipe({ evaluation: { probeEverySteps: undefined } }) });
    const [probed, unprobed] = [outcome("whole"), outcome("unprobed")];
    expect(unprobed.best.tensors).toEqual(probed.best.tensors);
    expect(lines("whole").filter(({ probe }) => probe === undefined)).toEqual(lines("unprobed"));
    expect(lines("whole").flatMap(({ step, probe }) => (probe === undefined ? [] : [step]))).toEqual([2, 4, 6, 8]);
  });

  test("leaves the tutorial's arrays and TensorBoard's events", async () => {
    await run("records", { observers: [tutorialArrays({ everySteps: 2 }), pretrainingTensorBoard()] });
    const shares = (name: string) => {
      const bytes = readFileSync(at("records", name));
      return Array.from({ length: 4 }, (_, i) => bytes.readDoubleLE(bytes.length - 32 + 8 * i));
    };
    const recorded = lines("records");
    const own = recorded.flatMap(({ step, accuracy }) => (accuracy !== undefined && Number(step) % 2 === 0 ? [accuracy] : []));
    expect(shares("log_train_acc.npy")).toEqual(own);
    expect(shares("log_eval_acc.npy")).toEqual(recorded.flatMap(({ probe }) => probe ?? []));
  });
});

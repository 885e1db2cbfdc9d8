import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder, tinyRecipe, writeTinyData, writeTinyModel } from "./testing/index.js";

const cwd = temporaryFolder();

async function example(name: string, ...args: string[]): Promise<string> {
  const program = fileURLToPath(new URL(`../../../examples/${name}.mjs`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    cwd,
    env: { ...process.env, OMP_NUM_THREADS: "1" },
  });
  return stdout;
}

beforeAll(async () => {
  await Promise.all([writeTinyData(join(cwd, "photos")), writeTinyModel(join(cwd, "model.pth"))]);
  writeFileSync(join(cwd, "tiny.json"), JSON.stringify(tinyRecipe));
}, 60_000);

test("train", async () => {
  expect(await example("train", "photos", "run", "tiny.json")).toMatch(/^epoch 1: mAP \d\.\d{3}\nepoch 2: mAP \d\.\d{3}\n$/);
});

test("export", async () => {
  expect(await example("export", "model.pth", "model.onnx")).toMatch(/^model\.onnx: as libtorch on 4 pictures with \d+ detections\n$/);
});

test("report", async () => {
  expect(await example("report", "run")).toMatch(/^\d of 9 objects found; run\/report\.html\n$/);
});

test("evaluate", async () => {
  expect(await example("evaluate", "model.pth", "photos")).toMatch(
    /^COCO: average precision over IoU 0\.50 to 0\.95; 4 pictures\n\nclass /,
  );
});

test("evaluate-results", async () => {
  const box = { image_id: 1, category_id: 5, bbox: [1, 2, 30, 40] };
  const truth = { images: [{ id: 1 }], annotations: [{ id: 1, ...box }], categories: [{ id: 5, name: "nut" }] };
  writeFileSync(join(cwd, "truth.json"), JSON.stringify(truth));
  writeFileSync(join(cwd, "found.json"), JSON.stringify([{ ...box, score: 0.9 }]));
  expect(await example("evaluate-results", "found.json", "truth.json")).toMatch(/\nnut +1 +1 +1\.000 +1\.000\n/);
});

test("predict", async () => {
  expect(await example("predict", "model.pth", "photos/JPEGImages/part-01.png")).toMatch(/^photos\/JPEGImages\/part-01\.png\n/);
});

test("serve", async () => {
  expect(await example("serve", "model.pth", "photos/JPEGImages/part-01.png")).toMatch(
    /^(libtorch|onnxruntime) .*\n((bolt|nut) 0\.\d+ \[.*\]\n)*$/,
  );
});

test("check and convert", async () => {
  expect(await example("check", "photos")).toBe("photos (voc): bolt, nut\n12 pictures, 0 rejected; 29 boxes, 0 rejected\n");
  expect(await example("convert", "photos", "coco", "photos-coco")).toBe("test: 4 pictures, train: 8 pictures, written to photos-coco\n");
  expect(await example("check", "photos-coco")).toContain("29 boxes, 0 rejected\n");
});

test("inspect", async () => {
  expect(await example("inspect", "model.pth")).toMatch(
    /^pth-zip, classes: bolt, nut\nmodel\.backbone\.features\.0\.0\.0\.weight float32 \[8, 3, 3, 3\] [0-9a-f]{8}\n/,
  );
});

describe("the README's TypeScript, which is JavaScript too,", () => {
  const shown = [...readFileSync(new URL("../../../README.md", import.meta.url), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)];
  const picture = "photos/JPEGImages/part-01.png";

  /** The program with a word in it, on small data. */
  async function readme(word: string): Promise<{ code: string; stdout: string }> {
    const code = shown.map(([, text]) => text!).find((text) => text.includes(word))!;
    const small = code
      .replaceAll(/"(@singleshot\/[^"]+)"/g, (_, name) => JSON.stringify(import.meta.resolve(name)))
      .replace('recipes.get("ssdlite320-small")', JSON.stringify(tinyRecipe))
      .replaceAll(/"new\/\d\.jpg"/g, JSON.stringify(picture))
      .replaceAll("runs/mine", "runs/readme");
    writeFileSync(join(cwd, "readme.mjs"), small);
    const env = { ...process.env, OMP_NUM_THREADS: "1" };
    return { code, stdout: (await promisify(execFile)(process.execPath, ["readme.mjs"], { cwd, env })).stdout };
  }

  test("computes what it says", async () => {
    const { code, stdout } = await readme("matmul");
    expect(stdout).toBe(`Float32Array(4) [ ${/\/\/ ([\d, ]+)\n/.exec(code)![1]} ]\n`);
  });

  test("trains and predicts", async () => {
    const { stdout } = await readme("await train(");
    expect(stdout.split("\n").filter((line) => line.startsWith(picture))).toHaveLength(2);
  });
});

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runHere, temporaryFolder, writeTinyData, writeTinyModel } from "../testing/index.js";

const folder = temporaryFolder();

/** In this process, which loads libtorch once; names are those of the folder's files. */
async function inFolder(command: string, ...args: string[]) {
  const isFile = (word: string) => /^\w+(\/|\.\w+$|$)/.test(word) && /[./]|^parts$|^empty$/.test(word);
  const ended = await runHere(command, ...args.map((word) => (isFile(word) && !/^[\d.]+$/.test(word) ? join(folder, word) : word)));
  const short = (text: string) => text.replaceAll(`${folder}/`, "");
  return { ...ended, stdout: short(ended.stdout), stderr: short(ended.stderr) };
}

beforeAll(async () => {
  await writeTinyModel(join(folder, "tiny.pth"));
  await writeTinyData(join(folder, "parts"));
}, 60_000);

describe("export", () => {
  test("writes an ONNX file beside the weights, verified on drawn pictures; inspect lists it", async () => {
    const { code, stdout, stderr } = await inFolder("export", "tiny.pth", "--json", "result.json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^verified on 8 drawn pictures \(--data DIR takes photographs\): largest difference .* \(allowed 0.0001\), 0 of \d+ detections without counterpart\ntiny.onnx: 0\.\d MB\n$/,
    );
    const result = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
    expect(result).toMatchObject({ format: "onnx", verified: { pictures: 8, tolerance: 1e-4 } });
    const listed = await inFolder("inspect", "tiny.onnx", "--digest", "--json");
    const contents = JSON.parse(listed.stdout);
    expect(contents).toMatchObject({ format: "onnx", opset: 11, classes: ["bolt", "nut"], producer: "singleshot 0.1.0" });
    expect(contents.inputs).toEqual([{ name: "image", dtype: "uint8", shape: ["height", "width", 3] }]);
    expect(contents.tensors[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await inFolder("inspect", "tiny.onnx")).stdout).toMatch(
      /^tiny.onnx: ONNX model, \d+ tensors with .* numbers\n\nclasses: bolt, nut\n\nopset 11, written by singleshot 0.1.0\ninputs:\n {2}image: uint8 \[height, width, 3\]\noutputs:\n/,
    );
  });

  test("in 8 bits, calibrated and measured on a data set, a file is smaller and says what was lost", async () => {
    const args = ["tiny.pth", "--graph", "decoded", "--precision", "int8", "--data", "parts", "--out", "int8.onnx"];
    const { code, stdout, stderr } = await inFolder("export", ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/verified on 4 pictures of test: largest difference .* \(8 bits are never exact\)\n/);
    expect(stdout).toMatch(/mAP on 4 pictures: 0\.\d{4} in libtorch, 0\.\d{4} in onnxruntime \([+-]0\.\d{4}\)\nint8.onnx: 0\.\d MB\n$/);
    expect(statSync(join(folder, "int8.onnx")).size).toBeLessThan(0.75 * statSync(join(folder, "tiny.onnx")).size);
  });

  test("weights alone are a model again", async () => {
    expect(await inFolder("export", "tiny.pth", "--format", "safetensors")).toMatchObject({
      code: 0,
      stdout: "tiny.safetensors: 0.9 MB\n",
    });
    expect(await inFolder("export", "tiny.safetensors", "--format", "pth", "--out", "again.pth")).toMatchObject({ code: 0 });
    const digests = async (file: string) => JSON.parse((await inFolder("inspect", file, "--digest", "--json")).stdout).tensors;
    expect(await digests("again.pth")).toEqual(await digests("tiny.pth"));
  });

  test("what is wrong is said before anything is written", async () => {
    mkdirSync(join(folder, "empty"));
    writeFileSync(join(folder, "words.pth"), "no model");
    const messages: [args: string[], message: string][] = [
      [
        ["tiny.pth", "--precision", "int8"],
        "--precision int8: 8 bits need pictures to find the ranges of all values. Name a data set with --data.\n",
      ],
      [["tiny.pth", "--precision", "int8", "--opset", "12", "--data", "parts"], "--opset: 8 bits need opset 13 or later. Leave it out.\n"],
      [
        ["tiny.pth", "--nms", "soft"],
        "ONNX's non-maximum suppression does not know soft suppression. Export with --graph decoded and select the detections outside, or change the recipe's postprocess.\n",
      ],
      [["tiny.pth", "--pixels-from", "1"], "--pixels-from goes with --data. Name the data set too.\n"],
      [["empty"], "empty: no checkpoint in this folder. Name a run directory that `train` wrote, or a .pth or .safetensors file.\n"],
      [["tiny.pth", "--out", "nowhere/x.onnx"], "nowhere/x.onnx: the folder does not exist. Make it first.\n"],
    ];
    for (const [args, stderr] of messages)
      expect(await inFolder("export", "--out", "none.onnx", ...args)).toMatchObject({ code: 2, stderr });
    expect(existsSync(join(folder, "none.onnx"))).toBe(false);
    expect(await inFolder("export", "tiny.pth", "--opset", "10")).toMatchObject({
      code: 2,
      stderr: "--opset: 10 is not a whole number from 11 to 21\n",
    });
  });
});

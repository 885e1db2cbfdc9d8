import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDetector, merge, recipes, resolveRecipe } from "@singleshot/detection";
import { defaultGenerator, serialize } from "@singleshot/torch";
import { simulatedDevice } from "@singleshot/torch/testing";
import type { Picture } from "@singleshot/vision";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { EngineOptions } from "./engine.js";
import { openModel } from "./open.js";

vi.mock("@singleshot/torch", async (original) => {
  const torch = await original<typeof import("@singleshot/torch")>();
  return { ...torch, findDevice: (word: string) => (word === "cuda" ? simulatedDevice() : torch.findDevice(word)) };
});

const folder = mkdtempSync(join(tmpdir(), "singleshot-engines-"));
const model = join(folder, "small.pth");
const open = (options: Partial<EngineOptions>) => openModel({ model, engine: "auto", threads: 1, folder, ...options });
const picture: Picture = { data: Uint8Array.from({ length: 3 * 90 * 60 }, (_, i) => (i * i * 37) % 251), width: 90, height: 60 };

beforeAll(() => {
  defaultGenerator.seed(3);
  const detector = { network: { width: 0.25 }, input: { width: 64, height: 64 }, postprocess: { maxDetections: 15 } };
  const recipe = resolveRecipe(merge(recipes.get("ssdlite320"), { detector }));
  const network = createDetector(recipe.detector, ["bolt", "nut"]);
  const entries: [string, Parameters<typeof serialize.save>[1]][] = [
    ["model", network.stateDict()],
    ["classes", ["bolt", "nut"]],
    ["recipe", JSON.stringify(recipe)],
  ];
  serialize.save(model, new Map(entries));
  network.dispose();
});

afterAll(() => rmSync(folder, { recursive: true }));

test("both engines find the same, and so does the exported file", async () => {
  const libtorch = await open({ engine: "libtorch" });
  const onnxruntime = await open({ engine: "onnxruntime" });
  const exported = await open({ model: libtorch.facts.onnx! });
  expect([libtorch, onnxruntime, exported].map(({ facts: { engine, reason, classes } }) => [engine, reason, classes])).toEqual([
    ["libtorch", "as asked for", ["bolt", "nut"]],
    ["onnxruntime", "as asked for", ["bolt", "nut"]],
    ["onnxruntime", "libtorch reads no .onnx", ["bolt", "nut"]],
  ]);
  const [first, ...others] = await Promise.all([libtorch, onnxruntime, exported].map(({ runner }) => runner.detect([picture, picture])));
  expect(first!.map(({ labels }) => labels.length)).toEqual([15, 15]);
  for (const other of others) {
    for (const [i, { boxes, labels, scores }] of other.entries()) {
      expect([...labels]).toEqual([...first![i]!.labels]);
      for (const [k, score] of scores.entries()) expect(score).toBeCloseTo(first![i]!.scores[k]!, 4);
      for (const [k, value] of boxes.entries()) expect(value).toBeCloseTo(first![i]!.boxes[k]!, 1);
    }
  }
});

test("the faster one is taken, and both times are said", async () => {
  const { facts } = await open({ postprocess: { maxDetections: 3 } });
  expect(facts.reason).toMatch(/^\d+ ms a picture here, (libtorch|onnxruntime) \d+$/);
  const limited = await open({ model: facts.onnx!, postprocess: { maxDetections: 2 } });
  expect((await limited.runner.detect([picture]))[0]!.labels).toHaveLength(2);
});

test("an exported model runs in onnxruntime alone", async () => {
  const { facts } = await open({ engine: "libtorch" });
  await expect(open({ model: facts.onnx!, engine: "libtorch" })).rejects.toThrow(
    `${facts.onnx}: an exported model runs in onnxruntime alone. Name the run or the .pth it was exported from.`,
  );
});

test("on a GPU libtorch finds the same, and says where", async () => {
  const [cpu, gpu] = [await open({ engine: "libtorch", device: "cpu" }), await open({ device: "cuda" })];
  expect(gpu.facts).toMatchObject({ engine: "libtorch", device: "privateuseone:0", reason: "on the device that was asked for" });
  expect(cpu.facts).not.toHaveProperty("device");
  expect(await gpu.runner.detect([picture])).toEqual(await cpu.runner.detect([picture]));
});

test("onnxruntime refuses a GPU, and libtorch what is no device", async () => {
  const refused = "onnxruntime computes on the CPU, not on 'cuda'. Leave the device out, or take libtorch and a file that it reads.";
  for (const options of [{ engine: "onnxruntime" as const }, { model: "best.onnx" }])
    await expect(open({ ...options, device: "cuda" })).rejects.toThrow(refused);
  await expect(open({ device: "gpu" })).rejects.toThrow("'gpu' is no device");
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@singleshot/vision";
import { afterAll, describe, expect, test } from "vitest";
import type { Model } from "../evaluation/index.js";
import { drawnPictures, onnxModel, openOnnx, writeOnnx, writeVerified } from "./index.js";
import { tinyModel } from "./testing/models.js";

const folder = mkdtempSync(join(tmpdir(), "singleshot-export-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "model.onnx");
const pictures = drawnPictures(4);
const model = tinyModel();

test.each([
  { graph: "raw" },
  { graph: "raw", normalize: "jetson", batchSize: 2 },
  { graph: "decoded", opset: 12 },
  { graph: "nms", opset: 13 },
  { graph: "image", opset: 18 },
  { graph: "image", opset: 21, precision: "float16" },
] as const)("as %o it agrees with libtorch", async (options) => {
  const { total, difference } = await writeVerified(file, onnxModel(model, options), model, { pictures });
  expect(difference).toBeGreaterThan(0);
  if (options.graph === "nms" || options.graph === "image") expect(total).toBeGreaterThan(100);
  const runtime = await openOnnx(file);
  expect(runtime.card).toMatchObject({ graph: options.graph, classes: ["one", "two"], version: "0.1.0" });
  await runtime.close();
});

test.each([
  [
    "candidates of each level, boxes cut behind the suppression",
    { candidates: { per: "level", count: 20, bestClassOnly: false }, clip: "after-nms" },
  ],
  ["the best class of a box, classes that compete", { candidates: { per: "image", count: 50, bestClassOnly: true }, clipTo: "last-pixel" }],
  [
    "no limits but for each class",
    { candidates: { per: "class", bestClassOnly: false }, maxPerClass: 5, maxDetections: undefined, clip: "none" },
  ],
] as const)("detections are selected in the graph by the recipe's rules: %s", async (name, change) => {
  const nms = { ...model.recipe.detector.postprocess.nms, classAgnostic: name.includes("compete") };
  const other = tinyModel({ ...change, nms } as Parameters<typeof tinyModel>[0]);
  const { total } = await writeVerified(file, onnxModel(other, { graph: "image" }), other, { pictures });
  expect(total).toBeGreaterThan(20);
});

test("pictures of sizes of their own are padded, and their anchors computed, in the graph", async () => {
  const shapes = (side: number) => [[side, side] as [number, number], [2 * side, side] as [number, number]];
  const levels = [16, 32, 64, 96, 128, 160].map((side, i) => ({
    shapes: shapes(side),
    ...(i < 4 && { step: (["floor", "ceil"] as const)[i % 2] }),
  }));
  const anchors = { unit: "pixel", center: 0.5, clip: "none", round: true, order: "cell" } as const;
  for (const keeps of ["corners", "centers"] as const) {
    const input = { resize: "sides", shortSides: [64, 80], longSide: 128, multiple: 32 } as const;
    const other = tinyModel(
      {},
      {
        input: { ...input, shortSides: [...input.shortSides], ...(keeps === "centers" && { least: 160 }) },
        anchors: { ...anchors, keeps, levels } as Model["recipe"]["detector"]["anchors"],
      },
    );
    for (const graph of ["raw", "decoded", "nms", "image"] as const)
      await writeVerified(file, onnxModel(other, { graph }), other, { pictures });
  }
});

test.each(["decoded", "nms", "image"] as const)("where nothing is found, %s finds nothing", async (graph) => {
  writeOnnx(file, onnxModel(tinyModel({ scoreThreshold: 0.9999 }), { graph }));
  const runtime = await openOnnx(file);
  const found = await runtime.detect(pictures.slice(0, 2));
  expect(found).toEqual(Array(2).fill({ boxes: new Float32Array(0), labels: new Int32Array(0), scores: new Float32Array(0) }));
  await runtime.close();
});

describe("the graph", () => {
  test("has batch norms in the weights of the convolutions, and the weights by their keys", () => {
    const { graph } = onnxModel(model, { graph: "raw" });
    expect(graph.nodes.some(({ operator }) => operator === "BatchNormalization")).toBe(false);
    expect(graph.tensors.filter(({ name }) => name.startsWith("backbone.features.")).length).toBeGreaterThan(80);
  });

  test("is refused where ONNX has no words for it, with the way out", () => {
    const soft = tinyModel({ nms: { ...model.recipe.detector.postprocess.nms, method: "soft" } });
    expect(() => onnxModel(soft, { graph: "image" })).toThrow(
      new InputError("ONNX's non-maximum suppression does not know soft suppression", {
        fix: "export with --graph decoded and select the detections outside, or change the recipe's postprocess",
      }),
    );
    expect(() => onnxModel(model, { opset: 10 })).toThrow("there is no export for ONNX opset 10. Choose one from 11 to 21.");
  });
});

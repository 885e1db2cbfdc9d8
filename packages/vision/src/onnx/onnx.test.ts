import { InputError } from "@singleshot/base";
import { expect, test } from "vitest";
import { looksLikeOnnx, type OnnxModel, onnxBytes, readModelCard, readOnnx, readOnnxHead } from "./index.js";
import { exported, savedAgain } from "./testing/onnx-files.js";

const recipe = {
  detector: {
    input: { resize: "stretch", width: 4, height: 4 },
    normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
    scores: "softmax",
    postprocess: { scoreThreshold: 0.5, nms: { iouThreshold: 0.5 }, clip: "before-nms", clipTo: "border" },
  },
};
const metadata = {
  singleshot: "0.1.0",
  classes: '["cat"]',
  recipe: JSON.stringify(recipe),
  weights: "00",
  graph: "raw",
  precision: "float32",
  batchSize: "2",
};

const model = (change: Partial<OnnxModel> = {}): OnnxModel => ({
  irVersion: 6,
  opset: 11,
  producer: "test",
  producerVersion: "1",
  metadata: new Map(Object.entries(metadata)),
  graph: {
    name: "double",
    nodes: [
      {
        operator: "Mul",
        inputs: ["x", "two"],
        outputs: ["y"],
        attributes: { axis: 1, alpha: { float: 0.5 }, mode: "linear", pads: [0, 1], scales: { floats: [2] } },
      },
    ],
    tensors: [{ name: "two", dtype: "float32", shape: [1], bytes: () => new Uint8Array(Float32Array.of(2).buffer) }],
    inputs: [{ name: "x", dtype: "float32", shape: ["N", 3] }],
    outputs: [{ name: "y", dtype: "float32", shape: ["N", 3] }],
  },
  ...change,
});
const fileOf = (one: OnnxModel) => new Uint8Array(Buffer.concat([...onnxBytes(one)]));

test("what was written is read", () => {
  const { graph, ...rest } = readOnnx(fileOf(model()));
  const { graph: wanted, ...wantedRest } = model();
  expect(rest).toEqual(wantedRest);
  expect({ ...graph, tensors: [] }).toEqual({ ...wanted, tensors: [] });
  expect([...graph.tensors[0]!.bytes()]).toEqual([0, 0, 0, 64]);
});

test("what a model is stands before its graph: the first bytes are enough", () => {
  const bytes = fileOf(model());
  const before = bytes.subarray(0, bytes.length - 100);
  expect(readOnnxHead(before).metadata.get("classes")).toBe('["cat"]');
  expect(readModelCard(before)).toMatchObject({ classes: ["cat"], graph: "raw", batchSize: 2, scores: "softmax", input: { width: 4 } });
  expect(looksLikeOnnx(bytes)).toBe(true);
  expect(looksLikeOnnx(Uint8Array.of(8, 1, 0, 0, 0, 0, 0, 0, 0x7b))).toBe(false); // safetensors with a header of 264 bytes
});

test("a file that another program has saved again says the same of itself, behind its graph", () => {
  expect(readModelCard(savedAgain())).toEqual(readModelCard(exported()));
});

test("elements are asked for only when they are written", () => {
  const asked: string[] = [];
  const tensors = ["a", "b"].map((name) => ({ name, dtype: "uint8" as const, shape: [1], bytes: () => Uint8Array.of(asked.push(name)) }));
  const pieces = onnxBytes(model({ graph: { ...model().graph, tensors } }));
  let before = 0;
  for (const piece of pieces) if (asked.length === 0) before += piece.length;
  expect(before).toBeGreaterThan(100);
  expect(asked).toEqual(["a", "b"]);
});

test("another program's model says nothing of itself", () => {
  const bytes = fileOf(model({ metadata: new Map() }));
  expect(() => readModelCard(bytes)).toThrow(
    new InputError("the model does not say its recipe", { fix: "name a model that `singleshot export` wrote" }),
  );
});

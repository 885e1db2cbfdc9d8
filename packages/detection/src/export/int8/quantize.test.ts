import type { OnnxModel, OnnxNode, OnnxTensor } from "@singleshot/vision";
import fc from "fast-check";
import { expect, test } from "vitest";
import { quantized } from "./quantize.js";
import { quantizedValues } from "./quantized-values.js";

const node = (operator: string, inputs: string[], output: string): OnnxNode => ({ operator, inputs, outputs: [output], attributes: {} });
const floats = (name: string, values: readonly number[], shape: number[]): OnnxTensor => ({
  name,
  dtype: "float32",
  shape,
  bytes: () => new Uint8Array(Float32Array.from(values).buffer),
});

/** x → conv → relu → conv → y, with something before and behind. */
function model(weights: readonly number[], bias: readonly number[]): OnnxModel {
  const nodes = [
    node("Mul", ["x", "x"], "images"),
    node("Conv", ["images", "w1", "b1"], "map"),
    node("Relu", ["map"], "active"),
    node("Conv", ["active", "w2"], "answers"),
    node("Transpose", ["answers"], "y"),
  ];
  const tensors = [floats("w1", weights, [2, weights.length / 2, 1, 1]), floats("b1", bias, [2]), floats("w2", [1, 1], [1, 2, 1, 1])];
  const graph = { name: "", nodes, tensors, inputs: [], outputs: [] };
  return { irVersion: 7, opset: 13, producer: "", producerVersion: "", metadata: new Map(), graph };
}

test("what convolutions read is rounded; not between one and its activation, and not what comes behind the last", () => {
  expect(quantizedValues(model([1, 2], [0, 0]).graph)).toEqual(["images", "active"]);
});

test("every convolution reads whole numbers, in ONNX's form", () => {
  const ranges = new Map([
    ["images", [-1, 3]],
    ["active", [0, 6]],
  ] as const);
  const { graph, metadata } = quantized(model([1, 2, 3, 4], [5, 6]), ranges);
  expect(metadata.get("precision")).toBe("int8");
  expect(graph.nodes.filter(({ operator }) => operator === "QuantizeLinear").map(({ inputs }) => inputs[0])).toEqual(["images", "active"]);
  expect(graph.nodes.filter(({ operator }) => operator === "Conv").map(({ inputs }) => inputs)).toEqual([
    ["images.restored", "w1.int8.restored", "b1.images.int32.restored"],
    ["active.restored", "w2.int8.restored"],
  ]);
  expect(graph.tensors.map(({ name }) => name)).not.toContain("w1");
});

test("a head that two maps share has its weights once, and a bias in the scale of each map", () => {
  const nodes = ["one", "two"].map((map) => node("Conv", [map, "w1", "b1"], `${map}.answers`));
  const shared = { ...model([1, 2], [3, 4]), graph: { ...model([1, 2], [3, 4]).graph, nodes } };
  const ranges = new Map([
    ["one", [0, 1]],
    ["two", [0, 2]],
  ] as const);
  const { graph } = quantized(shared, ranges);
  const names = [...graph.nodes.flatMap(({ outputs }) => outputs), ...graph.tensors.map(({ name }) => name)];
  expect(names.filter((name) => name.startsWith("w1") && name.endsWith(".restored"))).toEqual(["w1.int8.restored"]);
  expect(new Set(names).size).toBe(names.length);
  const scales = (map: string) => [
    ...new Float32Array(
      graph.tensors
        .find(({ name }) => name === `b1.${map}.int32.scale`)!
        .bytes()
        .slice().buffer,
    ),
  ];
  expect(scales("two")).toEqual(scales("one").map((scale) => 2 * scale));
});

test("a bias that is too large for the scale of a map that is almost nothing stays as it is", () => {
  const ranges = new Map([
    ["images", [0, 1e-9]],
    ["active", [0, 1]],
  ] as const);
  const { graph } = quantized(model([1, 2], [3, 4]), ranges);
  expect(graph.nodes.find(({ operator }) => operator === "Conv")!.inputs).toEqual(["images.restored", "w1.int8.restored", "b1"]);
  expect(graph.tensors.map(({ name }) => name)).toContain("b1");
});

test("a rounded weight is at most half a step from its own, and a step is the channel's largest weight by 127", () => {
  const weight = fc.float({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(weight, { minLength: 6, maxLength: 6 }), (weights) => {
      const { tensors } = quantized(
        model(weights, [0, 0]),
        new Map([
          ["images", [0, 1]],
          ["active", [0, 1]],
        ] as const),
      ).graph;
      const bytesOf = (name: string) => tensors.find((tensor) => tensor.name === name)!.bytes();
      const whole = new Int8Array(bytesOf("w1.int8"));
      const scales = new Float32Array(bytesOf("w1.int8.scale").slice().buffer);
      for (const [i, value] of weights.entries()) {
        const step = scales[Math.floor(i / 3)]!;
        expect(Math.abs(whole[i]! * step - Math.fround(value))).toBeLessThanOrEqual(0.5001 * step);
      }
    }),
  );
});

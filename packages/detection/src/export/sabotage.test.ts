import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fuzzCount } from "@singleshot/testing";
import { type OnnxModel, type OnnxNode, type OnnxTensor, randomOf } from "@singleshot/vision";
import { afterAll, describe, expect, test } from "vitest";
import { drawnPictures, ExportMismatch, onnxModel, writeVerified } from "./index.js";
import { tinyModel } from "./testing/models.js";

const folder = mkdtempSync(join(tmpdir(), "singleshot-sabotage-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Change = (model: OnnxModel, draw: () => number) => OnnxModel;

const withGraph = (model: OnnxModel, graph: Partial<OnnxModel["graph"]>): OnnxModel => ({ ...model, graph: { ...model.graph, ...graph } });
const withNode = (
  model: OnnxModel,
  fits: (node: OnnxNode) => boolean,
  draw: () => number,
  change: (node: OnnxNode) => OnnxNode,
): OnnxModel => {
  const fitting = model.graph.nodes.filter(fits);
  const chosen = fitting[Math.floor(draw() * fitting.length)];
  expect(chosen).toBeDefined();
  return withGraph(model, { nodes: model.graph.nodes.map((node) => (node === chosen ? change(node) : node)) });
};
const withTensor = (
  model: OnnxModel,
  fits: (tensor: OnnxTensor) => boolean,
  draw: () => number,
  change: (values: Float32Array) => void,
): OnnxModel => {
  const fitting = model.graph.tensors.filter((tensor) => tensor.dtype === "float32" && fits(tensor));
  const chosen = fitting[Math.floor(draw() * fitting.length)]!;
  expect(chosen).toBeDefined();
  const bytes = () => {
    const copy = chosen.bytes().slice();
    change(new Float32Array(copy.buffer));
    return copy;
  };
  return withGraph(model, { tensors: model.graph.tensors.map((tensor) => (tensor === chosen ? { ...tensor, bytes } : tensor)) });
};

const each = (change: (value: number) => number) => (values: Float32Array) => values.set(values.map(change));

/** What may go wrong in an exporter, a build, or on a disk. */
const sabotages: Record<string, Change> = {
  "one weight is another": (model, draw) =>
    withTensor(
      model,
      ({ name }) => name.endsWith("weight"),
      draw,
      (values) => {
        values[Math.floor(draw() * values.length)]! += 10 * Math.max(...values.subarray(0, 1000).map(Math.abs));
      },
    ),
  "a layer's weights are a tenth larger": (model, draw) =>
    withTensor(
      model,
      ({ name }) => name.endsWith("weight"),
      draw,
      each((value) => 1.1 * value),
    ),
  "a bias is lost": (model, draw) =>
    withTensor(
      model,
      ({ name }) => name.endsWith("bias"),
      draw,
      (values) => void values.fill(0),
    ),
  "the mean is another": (model, draw) =>
    withTensor(
      model,
      ({ shape }) => String(shape) === "1,3,1,1",
      draw,
      each((value) => value + 0.05),
    ),
  "the anchors stand elsewhere": (model, draw) =>
    withTensor(
      model,
      ({ name }) => name === "anchors.cxcywh",
      draw,
      each((value) => value + 1),
    ),
  "boxes have rows before columns": (model) => ({
    ...withGraph(model, {
      nodes: model.graph.nodes.flatMap((node): OnnxNode[] =>
        node.outputs[0] === "boxes"
          ? [{ operator: "Gather", inputs: [node.inputs[0]!, "yxyx"], outputs: node.outputs, attributes: { axis: 2 } }]
          : [node],
      ),
      tensors: [
        ...model.graph.tensors,
        { name: "yxyx", dtype: "int64", shape: [4], bytes: () => new Uint8Array(BigInt64Array.of(1n, 0n, 3n, 2n).buffer) },
      ],
    }),
  }),
  "outputs are swapped": (model) => withGraph(model, { outputs: model.graph.outputs.toReversed() }),
  "outputs have each other's names": (model) => {
    const other = new Map([
      ["scores", "boxes"],
      ["boxes", "scores"],
    ]);
    return withGraph(model, {
      nodes: model.graph.nodes.map((node) => ({ ...node, outputs: node.outputs.map((name) => other.get(name) ?? name) })),
    });
  },
  "an activation is left out": (model, draw) =>
    withNode(
      model,
      ({ operator }) => operator === "Relu" || operator === "HardSigmoid",
      draw,
      (node) => ({ ...node, operator: "Identity", attributes: {} }),
    ),
  "a padding is on the other side": (model, draw) =>
    withNode(
      model,
      ({ operator, attributes: { pads } }) => operator === "Conv" && String(pads) === "1,1,1,1",
      draw,
      (node) => ({ ...node, attributes: { ...node.attributes, pads: [0, 1, 2, 1] } }),
    ),
  "classes are in another order": (model) => ({ ...model, metadata: new Map([...model.metadata, ["classes", '["two","one"]']]) }),
  "scores are not normalised": (model, draw) =>
    withNode(
      model,
      ({ operator }) => operator === "Softmax",
      draw,
      (node) => ({ ...node, operator: "Sigmoid", attributes: {} }),
    ),
};

describe("an export that is not what it should be is found out, and nothing stays under its name", () => {
  const model = tinyModel();
  afterAll(() => model.detector.dispose());
  const target = join(folder, "sabotaged.onnx");

  test.each(Object.entries(sabotages))("%s", async (name, sabotage) => {
    const times = Math.min(fuzzCount(1), 9); // 12 in all, or 108
    for (let i = 0; i < times; i++) {
      const graph = (["decoded", "raw"] as const)[i % 2]!;
      const intended = onnxModel(model, { graph, normalize: "jetson" }); // so that both begin with a mean
      const sabotaged = sabotage(intended, randomOf(5, i));
      const written = writeVerified(target, intended, model, { pictures: drawnPictures(4), written: sabotaged });
      await expect(written, `${name} ${i}`).rejects.toThrow(ExportMismatch);
      expect(readdirSync(folder)).toEqual([]);
    }
  });
});

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { encoded, type MessageOf } from "./protobuf.js";
import { ATTRIBUTES, BYTES, GRAPH, graphFields, headFields, type node, RAW, TENSORS, TYPES, tensorFields } from "./schema.js";
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./types.js";

/**
 * A model as the bytes of its file, in pieces: a tensor's elements are asked for when their turn has come and can be forgotten when
 * they are written. What the model is (versions, metadata) comes first, then the graph, last the tensors.
 */
export function* onnxBytes({ irVersion, opset, producer, producerVersion, metadata, graph }: OnnxModel): Generator<Uint8Array> {
  yield encoded(headFields, {
    irVersion,
    producer,
    producerVersion,
    opsets: [{ domain: "", version: opset }],
    metadata: [...metadata].map(([key, value]) => ({ key, value })),
  });
  const { tensors, name, nodes, inputs, outputs } = graph;
  const structure = encoded(graphFields, {
    name,
    nodes: nodes.map(nodeOf),
    inputs: inputs.map(valueInfo),
    outputs: outputs.map(valueInfo),
  });
  const heads = tensors.map(tensorHead);
  const length = tensors.reduce((sum, tensor, i) => sum + heads[i]!.length + sizeOf(tensor), structure.length);
  yield prefix(GRAPH, length);
  yield structure;
  for (const [i, tensor] of tensors.entries()) {
    yield heads[i]!;
    yield tensor.bytes();
  }
}

/** The tag and the length of what follows. */
const prefix = (number: number, length: number): Uint8Array =>
  new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length).finish();

export const sizeOf = ({ dtype, shape }: Pick<OnnxTensor, "dtype" | "shape">): number =>
  shape.reduce((size, side) => size * side, BYTES[dtype]);

/** All of a tensor but its elements, which end it. */
function tensorHead(tensor: OnnxTensor): Uint8Array {
  const { name, dtype, shape } = tensor;
  const size = sizeOf(tensor);
  const fields = encoded(tensorFields, { name, type: TYPES[dtype], shape: [...shape] });
  const elements = prefix(RAW, size);
  const start = prefix(TENSORS, fields.length + elements.length + size);
  return new BinaryWriter().raw(start).raw(fields).raw(elements).finish();
}

type NodeMessage = ReturnType<(typeof node)["parse"]>;

function nodeOf({ operator, inputs, outputs, attributes }: OnnxNode): NodeMessage {
  return {
    operator,
    name: outputs[0],
    inputs: [...inputs],
    outputs: [...outputs],
    attributes: Object.entries(attributes).map(attributeOf),
    domain: undefined,
  };
}

const utf8 = new TextEncoder();

function attributeOf([name, value]: [string, OnnxAttribute]): NodeMessage["attributes"][number] {
  const nothing = { float: undefined, int: undefined, text: undefined, floats: [], ints: [] };
  if (typeof value === "number") return { ...nothing, name, type: ATTRIBUTES.int, int: value };
  if (typeof value === "string") return { ...nothing, name, type: ATTRIBUTES.text, text: utf8.encode(value) };
  if ("float" in value) return { ...nothing, name, type: ATTRIBUTES.float, float: value.float };
  if ("floats" in value) return { ...nothing, name, type: ATTRIBUTES.floats, floats: [...value.floats] };
  return { ...nothing, name, type: ATTRIBUTES.ints, ints: [...value] };
}

type ValueMessage = MessageOf<typeof graphFields>["inputs"][number];

function valueInfo({ name, dtype, shape }: OnnxValue): ValueMessage {
  const dimensions = shape.map((side) =>
    typeof side === "number" ? { length: side, letter: undefined } : { length: undefined, letter: side },
  );
  return { name, type: { tensor: { element: TYPES[dtype], shape: { dimensions } } } };
}

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { InputError } from "@singleshot/base";
import type { MessageOf } from "./protobuf.js";
import { ATTRIBUTES, BYTES, GRAPH, head, model, type OnnxType, TYPES, type tensorFields } from "./schema.js";
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./types.js";
import { sizeOf } from "./write.js";

const DAMAGED = { fix: "the file is damaged, or no ONNX model: get it again from its source" };
const damaged = (problem: string): never => {
  throw new InputError(problem, DAMAGED);
};

type ModelMessage = ReturnType<typeof model.parse>;
type NodeMessage = NonNullable<ModelMessage["graph"]>["nodes"][number];
type ValueMessage = NonNullable<ModelMessage["graph"]>["inputs"][number];
type TensorMessage = MessageOf<typeof tensorFields>;

const typeNames = new Map<number, OnnxType>(Object.entries(TYPES).map(([name, number]) => [number, name as OnnxType]));

/**
 * Reads an ONNX file from its bytes; tensors stay views of them. Nothing is run and no other file is opened. Graphs inside of nodes are
 * passed over.
 *
 * @throws InputError where the bytes are no ONNX model or contradict themselves
 */
export function readOnnx(data: Uint8Array): OnnxModel {
  const { graph, ...rest } = parsed(() => model.parse(data));
  if (!graph || rest.irVersion === undefined || rest.opsets.length === 0) return damaged("no graph, or no version of ONNX");
  return {
    ...headOf(rest),
    graph: {
      name: graph.name ?? "",
      nodes: graph.nodes.map(nodeOf),
      tensors: graph.tensors.map(tensorOf),
      inputs: graph.inputs.map(valueInfo),
      outputs: graph.outputs.map(valueInfo),
    },
  };
}

/**
 * Versions and metadata of a model. The first bytes of its file are enough where they stand before the graph, as `onnxBytes` writes them;
 * other programs write them behind it.
 */
export function readOnnxHead(data: Uint8Array): Omit<OnnxModel, "graph"> {
  return headOf(parsed(() => head.parse(withoutCutGraph(data))));
}

/** Does this look like the beginning of an ONNX file? Its first field is the version of the format. Safetensors have a brace at the ninth byte. */
export const looksLikeOnnx = (data: Uint8Array): boolean => data[0] === 0x08 && data[1]! >= 1 && data[1]! <= 20 && data[8] !== 0x7b;

function headOf({ irVersion = 0, opsets, producer = "", producerVersion = "", metadata }: Omit<ModelMessage, "graph">) {
  return {
    irVersion,
    opset: opsets.find(({ domain = "" }) => domain === "" || domain === "ai.onnx")?.version ?? 0,
    producer,
    producerVersion,
    metadata: new Map(metadata.map(({ key = "", value = "" }) => [key, value])),
  };
}

/** What the wire format's reader finds wrong is the file's fault. */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InputError(`not a complete ONNX model: ${(error as Error).message}`, DAMAGED);
  }
}

function nodeOf({ operator = "", inputs, outputs, attributes }: NodeMessage): OnnxNode {
  const pairs = attributes.flatMap((attribute): [string, OnnxAttribute][] => {
    const value = attributeOf(attribute);
    return value === undefined ? [] : [[attribute.name ?? "", value]];
  });
  return { operator, inputs, outputs, attributes: Object.fromEntries(pairs) };
}

function attributeOf({ type, float = 0, int = 0, text, floats, ints }: NodeMessage["attributes"][number]): OnnxAttribute | undefined {
  if (type === ATTRIBUTES.int) return int;
  if (type === ATTRIBUTES.float) return { float };
  if (type === ATTRIBUTES.text) return new TextDecoder().decode(text);
  if (type === ATTRIBUTES.ints) return ints;
  return type === ATTRIBUTES.floats ? { floats } : undefined;
}

function valueInfo({ name = "", type }: ValueMessage): OnnxValue {
  const { element, shape } = type?.tensor ?? {};
  const sides = shape?.dimensions.map(({ length, letter }) => length ?? letter ?? "?") ?? [];
  return { name, dtype: typeOf(element, name), shape: sides };
}

const typeOf = (number: number | undefined, name: string): OnnxType =>
  typeNames.get(number ?? 0) ?? damaged(`${JSON.stringify(name)} has elements of the unknown type ${number}`);

function tensorOf(message: TensorMessage): OnnxTensor {
  const { name = "", shape, type, location, external } = message;
  const dtype = typeOf(type, name);
  const size = sizeOf({ dtype, shape });
  if (shape.some((side) => side < 0) || !Number.isSafeInteger(size))
    damaged(`tensor ${JSON.stringify(name)} cannot be [${shape.join(", ")}]`);
  if (location === 1) return { name, dtype, shape, ...elsewhere(name, external) };
  const bytes = elementsOf(message, dtype);
  if (dtype !== "string" && bytes.length !== size)
    damaged(`tensor ${JSON.stringify(name)}, [${shape.join(", ")}] of ${dtype}, needs ${size} bytes, the file has ${bytes.length}`);
  return { name, dtype, shape, bytes: () => bytes };
}

function elsewhere(name: string, entries: TensorMessage["external"]): Pick<OnnxTensor, "bytes" | "external"> {
  const external = entries.find(({ key }) => key === "location")?.value ?? "";
  return {
    external,
    bytes: () => {
      throw new InputError(`tensor ${JSON.stringify(name)} lies in another file, ${JSON.stringify(external)}, which is not read`, {
        fix: "save the model as one file",
      });
    },
  };
}

const EIGHT: ReadonlySet<OnnxType> = new Set(["int8", "uint8", "bool"]);
const SIXTEEN: ReadonlySet<OnnxType> = new Set(["int16", "uint16", "float16", "bfloat16"]);

/** Raw, or in the list that ONNX has for the type. */
function elementsOf({ raw, floats, int32s, int64s, doubles }: TensorMessage, dtype: OnnxType): Uint8Array {
  if (raw) return raw;
  if (BYTES[dtype] === 8) return bytesOf(doubles.length > 0 ? Float64Array.from(doubles) : BigInt64Array.from(int64s, BigInt));
  if (EIGHT.has(dtype)) return Uint8Array.from(int32s);
  if (SIXTEEN.has(dtype)) return bytesOf(Uint16Array.from(int32s));
  return bytesOf(int32s.length > 0 ? Int32Array.from(int32s) : Float32Array.from(floats));
}

const bytesOf = ({ buffer, byteLength }: { buffer: ArrayBuffer; byteLength: number }) => new Uint8Array(buffer, 0, byteLength);

/** All of the data, or what stands before a graph whose end is not there. */
function withoutCutGraph(data: Uint8Array): Uint8Array {
  const reader = new BinaryReader(data);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wire] = reader.tag();
    if (number === GRAPH && wire === WireType.LengthDelimited && isCut(reader)) return data.subarray(0, start);
    reader.skip(wire, number);
  }
  return data;
}

/** Does the field whose length comes next reach beyond the data? The reader stays where it is. */
function isCut(reader: BinaryReader): boolean {
  const start = reader.pos;
  const length = reader.uint32();
  const end = reader.pos + length;
  reader.pos = start;
  return end > reader.len;
}

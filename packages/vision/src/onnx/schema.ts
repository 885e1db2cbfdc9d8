import { bytes, double, float, integer, many, message, one, text } from "./protobuf.js";

// The part of ONNX's schema (onnx.proto, IR version 3 to 10) that detectors need. Graphs inside of attributes (Loop, If) are passed over.

const entry = message({ key: one(1, text), value: one(2, text) });

export const tensorFields = {
  shape: many(1, integer),
  type: one(2, integer),
  name: one(8, text),
  floats: many(4, float),
  int32s: many(5, integer),
  int64s: many(7, integer),
  doubles: many(10, double),
  external: many(13, entry),
  location: one(14, integer),
  raw: one(9, bytes), // last, so that the elements of a written tensor can follow
};
export const tensor = message(tensorFields);

const attribute = message({
  name: one(1, text),
  type: one(20, integer),
  float: one(2, float),
  int: one(3, integer),
  text: one(4, bytes),
  floats: many(7, float),
  ints: many(8, integer),
});

export const node = message({
  inputs: many(1, text),
  outputs: many(2, text),
  name: one(3, text),
  operator: one(4, text),
  attributes: many(5, attribute),
  domain: one(7, text),
});

const dimension = message({ length: one(1, integer), letter: one(2, text) });
const shape = message({ dimensions: many(1, dimension) });
const tensorType = message({ element: one(1, integer), shape: one(2, shape) });
const type = message({ tensor: one(1, tensorType) });
const value = message({ name: one(1, text), type: one(2, type) });

export const graphFields = {
  name: one(2, text),
  nodes: many(1, node),
  inputs: many(11, value),
  outputs: many(12, value),
  tensors: many(5, tensor),
};

/** The fields before the graph: who reads the first bytes alone knows what the model is. */
export const headFields = {
  irVersion: one(1, integer),
  producer: one(2, text),
  producerVersion: one(3, text),
  opsets: many(8, message({ domain: one(1, text), version: one(2, integer) })),
  metadata: many(14, entry),
};
export const head = message(headFields);
export const model = message({ ...headFields, graph: one(7, message(graphFields)) });

export const GRAPH = 7;
export const TENSORS = 5;
export const RAW = 9;

/** Numbers of the element types. */
export const TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
} as const;
export type OnnxType = keyof typeof TYPES;

export const BYTES: Record<OnnxType, number> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  string: 0,
  bool: 1,
  float16: 2,
  float64: 8,
  uint32: 4,
  uint64: 8,
  complex64: 8,
  complex128: 16,
  bfloat16: 2,
};

/** Numbers of the kinds of attributes. */
export const ATTRIBUTES = { float: 1, int: 2, text: 3, floats: 6, ints: 7 } as const;

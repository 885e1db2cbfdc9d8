import type { OnnxType } from "./schema.js";

/** A constant of a graph. */
export interface OnnxTensor {
  name: string;
  dtype: OnnxType;
  shape: readonly number[];
  /** Its elements, row-major, little-endian; made when they are asked for. */
  bytes: () => Uint8Array;
  /** The file beside the model that is said to hold them. It is never opened. */
  external?: string;
}

/** Whole numbers are integers of ONNX; its fractions are written `{ float: 1 }`. */
export type OnnxAttribute = number | readonly number[] | string | { float: number } | { floats: readonly number[] };

export interface OnnxNode {
  operator: string;
  /** Names of values; "" leaves an optional one out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or an output. A side of the shape that is a name may have any length. */
export interface OnnxValue {
  name: string;
  dtype: OnnxType;
  shape: readonly (number | string)[];
}

export interface OnnxGraph {
  name: string;
  nodes: readonly OnnxNode[];
  tensors: readonly OnnxTensor[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
}

export interface OnnxModel {
  irVersion: number;
  opset: number;
  producer: string;
  producerVersion: string;
  metadata: ReadonlyMap<string, string>;
  graph: OnnxGraph;
}

import type { ModelCard } from "../onnx/index.js";

/** What a graph is given: a name and its elements. */
export type Feeds = Readonly<
  Record<string, { type: "uint8" | "float32" | "int64"; data: Uint8Array | Float32Array | BigInt64Array; shape: readonly number[] }>
>;

/** What a graph gives. */
export type Outputs = Readonly<Record<string, { data: Float32Array | BigInt64Array; shape: readonly number[] }>>;

/** An exported model with any onnxruntime under it: in Node, in a browser. */
export interface Runner {
  card: ModelCard;
  run(feeds: Feeds): Promise<Outputs>;
}

export type { GraphName } from "./detector-graph.js";
export { type OnnxOptions, onnxModel, writeOnnx } from "./export-onnx.js";
export { type Feeds, type OnnxRuntime, type Outputs, openOnnx, type RuntimeOptions } from "./onnx-runtime.js";

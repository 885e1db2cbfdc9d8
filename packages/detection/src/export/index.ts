export type { GraphName } from "./detector-graph.js";
export { drawnPictures } from "./drawn-pictures.js";
export { type OnnxOptions, onnxModel, type Verified, type VerifyOptions, writeOnnx, writeVerified } from "./export-onnx.js";
export { type Feeds, type OnnxRuntime, openOnnx, type Outputs, type RuntimeOptions } from "./onnx-runtime.js";
export { type Agreement, type MapComparison, compareScores, ExportMismatch, verifyOnnx } from "./verify.js";

export { calibrated, LEAST_OPSET_OF_INT8 } from "./calibrate.js";
export type { GraphName } from "./detector-graph.js";
export { drawnPictures } from "./drawn-pictures.js";
export { type OnnxOptions, onnxModel, type Verified, type VerifyOptions, writeOnnx, writeVerified } from "./export-onnx.js";
export { type OnnxRuntime, openOnnx, type RuntimeOptions } from "./onnx-runtime.js";
export { type Agreement, compareScores, ExportMismatch, type MapComparison, verifyOnnx } from "./verify.js";
export { exportWeights, type WeightsFormat, weightsFormats } from "./weights.js";

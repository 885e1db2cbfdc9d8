export { drawnPictures } from "./drawn-pictures.js";
export { type OnnxOptions, onnxModel, type Verified, type VerifyOptions, writeOnnx, writeVerified } from "./export-onnx.js";
export type { GraphName } from "./graph/index.js";
export { calibrated, LEAST_OPSET_OF_INT8 } from "./int8/index.js";
export { type OnnxRuntime, openOnnx, type RuntimeOptions } from "./onnx-runtime.js";
export { type Agreement, compareScores, ExportMismatch, type MapComparison, verifyOnnx } from "./verify.js";
export { exportWeights, type WeightsFormat, weightsFormats } from "./weights.js";

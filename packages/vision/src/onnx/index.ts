export { type ModelCard, readModelCard } from "./card.js";
export { looksLikeOnnx, readOnnx, readOnnxHead } from "./read.js";
export { BYTES as bytesPerOnnxElement, type OnnxType, TYPES as onnxTypeNumbers } from "./schema.js";
export type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./types.js";
export { onnxBytes } from "./write.js";

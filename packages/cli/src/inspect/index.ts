export { inspectOnnx, isOnnx, type OnnxContents, onnxText } from "./onnx.js";

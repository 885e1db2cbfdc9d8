export { runChild } from "./child.js";
export { expectTensor, type GradientCheck, checkGradient, randomTensor } from "./tensors.js";

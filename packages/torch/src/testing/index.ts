export { runChild } from "./child.js";
export { checkGradient, expectTensor, type GradientCheck, randomTensor } from "./tensors.js";

export { runChild } from "./child.js";
export { freePort, printed, runRanks, runWorld } from "./ranks.js";
export { hostReads, simulatedDevice } from "./simulated-device.js";
export { checkGradient, expectTensor, type GradientCheck, randomTensor } from "./tensors.js";

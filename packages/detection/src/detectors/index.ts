export { scoresAndBoxes } from "./decode.js";
export { Detector, type Raw } from "./detector.js";
export { type HeadOptions, type HeadOutputs, Network } from "./network.js";
export { prepare } from "./prepare.js";
export { createDetector, networks } from "./registry.js";
export {
  type AdoptedClasses,
  adoptClasses,
  adoptWeights,
  classCount,
  freeze,
  freezeBatchNorm,
  loadBackbone,
  loadBackboneFile,
  type ResetClasses,
  resetClasses,
  weightsFor,
} from "./weights/index.js";

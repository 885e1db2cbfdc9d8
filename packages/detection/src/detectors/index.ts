export { adoptWeights } from "./adopt-weights.js";
export { scoresAndBoxes } from "./decode.js";
export { Detector, type Raw } from "./detector.js";
export { freeze, freezeBatchNorm } from "./freeze.js";
export { loadBackbone, loadBackboneFile } from "./load-backbone.js";
export { type Answers, Network, type Question } from "./network.js";
export { prepare } from "./prepare.js";
export { createDetector, networks } from "./registry.js";
export { type AdoptedClasses, adoptClasses, type ResetClasses, resetClasses } from "./reset-classes.js";

export { adoptWeights, classCount, weightsFor } from "./adopt-weights.js";
export { freeze, freezeBatchNorm } from "./freeze.js";
export { loadBackbone, loadBackboneFile } from "./load-backbone.js";
export { type AdoptedClasses, adoptClasses, type ResetClasses, resetClasses } from "./reset-classes.js";

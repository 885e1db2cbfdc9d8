export { foreign, VOC_CLASSES } from "./foreign.js";
export { writeWeights } from "./weights-file.js";

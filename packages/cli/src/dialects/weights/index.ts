export { VOC_CLASSES } from "./voc-classes.js";
export { writeWeights } from "./weights-file.js";

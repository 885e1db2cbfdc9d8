export { writeClassFiles } from "./class-files.js";
export { describeDataset } from "./describe.js";
export { evaluateFiles } from "./evaluate-files.js";
export { readSplit } from "./read.js";
export { chooseSplit } from "./splits.js";

export { writeClassFiles } from "./class-files.js";
export { describeDataset } from "./describe.js";
export { evaluateFiles } from "./evaluate-files.js";
export { readSplit, tellFormats } from "./read.js";
export { type DataSource, dataFlags, dataSource } from "./source.js";
export { chooseSplit } from "./splits.js";

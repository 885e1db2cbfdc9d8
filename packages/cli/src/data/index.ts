export { checkText } from "./check-text.js";
export { writeClassFiles } from "./class-files.js";
export { type Converted, convert } from "./convert.js";
export { describeDataset } from "./describe.js";
export { evaluateFiles } from "./evaluate-files.js";
export { readSplit, tellFormats } from "./read.js";
export { type DataSource, dataFlags, dataSource, sourceOfRun } from "./source.js";
export { splitInPlace } from "./split-in-place.js";
export { chooseSplit } from "./splits.js";

export { listParts } from "./files.js";
export { readRawList } from "./read.js";
export { writeList } from "./write.js";

export { openImagesParts } from "./files.js";
export { readRawOpenImages } from "./read.js";
export { writeOpenImages } from "./write.js";

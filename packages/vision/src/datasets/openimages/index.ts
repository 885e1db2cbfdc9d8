export { openImagesParts, readDescriptions } from "./files.js";
export { type Fields, readRawOpenImages, readRows } from "./read.js";
export { annotationTable } from "./table.js";
export { writeOpenImages } from "./write.js";

export { cocoParts } from "./files.js";
export { readRawCoco } from "./read.js";
export { writeCoco } from "./write.js";

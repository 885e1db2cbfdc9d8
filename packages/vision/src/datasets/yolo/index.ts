export { isYoloFolder, readYoloConfig } from "./config.js";
export { readRawYolo } from "./read.js";
export { writeYolo } from "./write.js";

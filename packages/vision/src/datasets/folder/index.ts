export { classFolders, folderSplits, readRawFolder } from "./read.js";
export { writeFolder } from "./write.js";

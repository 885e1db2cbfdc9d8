export { besideFolders } from "./beside.js";
export { isVocFolder, vocSplits, vocYears } from "./folder.js";
export { readRawVoc, readVoc, splitsOfYears } from "./read.js";
export { writeVoc } from "./write.js";

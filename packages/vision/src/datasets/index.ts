export { readClassList } from "./class-list.js";
export { readVoc, type VocOptions } from "./voc.js";
export { vocSplits } from "./voc-folder.js";

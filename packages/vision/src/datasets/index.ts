export { readClassList } from "./class-list.js";
export { closest } from "./places.js";
export type { Dataset, DatasetEntry, DatasetProblem, ImageDetail } from "./types.js";
export { type ReadVocOptions, readVoc } from "./voc.js";
export { vocSplits } from "./voc-folder.js";

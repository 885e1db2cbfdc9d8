export { checkDataset } from "./check.js";
export { readClassList } from "./class-list.js";
export { type Collected, collectDataset } from "./collect.js";
export {
  type DownloadOptions,
  downloadFile,
  downloadOpenImages,
  OPEN_IMAGES,
  type OpenImagesOptions,
  type OpenImagesResult,
} from "./download/index.js";
export { type Examination, examineDataset } from "./examine/index.js";
export { FORMATS, type Format, recognizeFormat } from "./formats.js";
export type { ReadingRules, ReadOptions } from "./header.js";
export { heldIn, lostIn } from "./lost.js";
export { type DataPlace, dataPlaces, type ReadDatasetOptions, readDataset, readRawDataset, splitsOfPlaces } from "./read.js";
export { type ShowOptions, showDataset } from "./show.js";
export { addVocLists, parseShares, resplit, type Share, stratify } from "./split/index.js";
export { findSplit } from "./splits.js";
export { type DatasetStats, datasetStats, statsPicture, statsText } from "./stats/index.js";
export { type SubsetOptions, subsetOf } from "./subset.js";
export { type SynthesizeOptions, synthesizeDataset } from "./synth/index.js";
export type { Dataset, DatasetEntry, DatasetProblem, ImageDetail, RawDataset, RawImage, RawObject } from "./types.js";
export { readVoc, vocSplits } from "./voc/index.js";
export { requireFree, writeDataset } from "./write.js";
export type { WrittenDataset, WrittenImage, WrittenSplit } from "./writing/index.js";

export { copyPictures, lines, pictureName, writeText } from "./files.js";
export { allImages, type DatasetWriter, type WrittenDataset, type WrittenImage, type WrittenSplit } from "./types.js";

export { copyPictures, labelsText, lines, pictureName, writeText } from "./files.js";
export { allImages, type DatasetWriter, isOverlapping, type WrittenDataset, type WrittenImage, type WrittenSplit } from "./types.js";

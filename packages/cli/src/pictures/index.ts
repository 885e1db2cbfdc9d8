export { annotator } from "./annotate.js";
export { type FoundPictures, findPictures } from "./find.js";
export { cocoResults, type PictureRecord, pictureRecord } from "./records.js";

export { annotator } from "./annotate.js";
export { cropper } from "./crops.js";
export { type FoundPictures, findPictures } from "./find.js";
export { cocoResults } from "./records.js";
export { type Tasks, tasks } from "./tasks.js";

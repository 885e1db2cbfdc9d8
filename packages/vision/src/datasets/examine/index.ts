export { type Duplicate, duplicatePictures, type SplitFiles } from "./duplicates.js";
export { type Examination, examineDataset } from "./examine.js";

export { type BoxArray, boxAreas, clipBoxes, cxcywhToXyxy, takeBoxes, xyxyToCxcywh } from "./arithmetic.js";
export { boxIou, type IouOptions } from "./iou.js";
export { type ClasswiseNmsOptions, classwiseNms, type NmsOptions, nms } from "./nms.js";
export { type CandidateOptions, type SelectionOptions, selectDetections } from "./select-detections.js";
export { type SoftNmsOptions, softNms } from "./soft-nms.js";
export { bestOf, topK } from "./top-k.js";

export { type CocoEvaluation, type CocoSelection, evaluateCoco, meanPrecision, meanRecall } from "./coco.js";
export type { CocoCurves } from "./curves.js";
export { groupPlaces } from "./group.js";
export { type CocoSets, fromCocoJson, fromCocoResults } from "./json.js";
export { type CocoResults, readCocoResults } from "./results.js";
export { type Annotation, type AnnotationFile, type Id, parseCocoText, type Result } from "./rows.js";
export { AREA_RANGES, IOU_THRESHOLDS, MAX_DETECTIONS, RECALLS } from "./settings.js";

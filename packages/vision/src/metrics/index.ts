export { averagePrecision, elevenPointPrecision } from "./average-precision.js";
export { type CocoEvaluation, type CocoSelection, evaluateCoco, meanPrecision, meanRecall } from "./coco.js";
export type { CocoCurves } from "./coco-curves.js";
export { type CocoSets, fromCocoJson, fromCocoResults } from "./coco-json.js";
export { type CocoResults, readCocoResults } from "./coco-results.js";
export { parseCocoText } from "./coco-rows.js";
export { AREA_RANGES, IOU_THRESHOLDS, MAX_DETECTIONS, RECALLS } from "./coco-settings.js";
export { detectionFiles } from "./detection-files.js";
export { type EvaluateOptions, evaluate } from "./evaluate.js";
export { PROTOCOLS, type Protocol, type ProtocolRow } from "./protocols.js";
export { summary } from "./summary.js";
export { type Cell, table } from "./table.js";
export type { ClassResult, Evaluation, GroundTruth, ImageDetections } from "./types.js";
export {
  evaluateVoc,
  evaluateVocOverIou,
  VOC_CONVENTIONS,
  type VocEvaluation,
  type VocOptions,
  type VocOverIouEvaluation,
} from "./voc.js";
export type { VocConvention, VocCurve } from "./voc-match.js";

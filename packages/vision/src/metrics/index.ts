export { averagePrecision, elevenPointPrecision } from "./average-precision.js";
export {
  AREA_RANGES,
  type CocoCurves,
  type CocoEvaluation,
  type CocoResults,
  type CocoSelection,
  type CocoSets,
  evaluateCoco,
  fromCocoJson,
  fromCocoResults,
  IOU_THRESHOLDS,
  MAX_DETECTIONS,
  meanPrecision,
  meanRecall,
  parseCocoText,
  RECALLS,
  readCocoResults,
} from "./coco/index.js";
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

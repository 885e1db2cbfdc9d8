export { type CollectOptions, collectReport } from "./collect.js";
export { type ComparedRun, type Comparison, compareRuns } from "./compare.js";
export type { AnchorPart, DataPart, EvaluationPart, Mark, MarkedPicture, ReportData, WorstGroup } from "./data.js";
export { dataPart } from "./data-part.js";
export { evaluationPart } from "./evaluation.js";
export { comparePage, reportPage } from "./html/index.js";
export { type RunMetrics, readMetrics } from "./metrics-file.js";
export { writeReport } from "./write.js";

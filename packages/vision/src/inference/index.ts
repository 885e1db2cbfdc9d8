export { batchOf, type LaidBatch, type LaidPicture, layPictures } from "./batch.js";
export { type Answers as ExportedAnswers, answersOf as exportedAnswers, detectExported } from "./detect-exported.js";
export { type AnswerTable, detectionsOf, type ScoreKind, type SelectionRules } from "./detections.js";
export { inPicture } from "./in-picture.js";
export { layPicture } from "./lay.js";
export { above, type DetectionRecord, detectionRecords, type PictureRecord, pictureRecord } from "./records.js";
export type { Feeds, Outputs, Runner } from "./runner.js";

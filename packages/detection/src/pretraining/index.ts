export { type ClassificationResult, evaluateClassifier } from "./evaluate.js";
export { tutorialArrays } from "./history.js";
export type { ClassificationValues, PretrainingObserver } from "./observer.js";
export { type PretrainOptions, type PretrainResult, pretrain } from "./pretrain.js";
export { type PretrainingReplay, replayPretraining } from "./replay.js";
export { pretrainingTensorBoard } from "./tensorboard.js";

export * from "./anchors/index.js";
export { type Classifier, type ClassifierOptions, classifiers, recipeStartingFrom } from "./backbones/index.js";
export { COCO_CLASSES } from "./checkpoints/index.js";
export * from "./detectors/index.js";
export { alone, joinTeam, type Team } from "./distributed/index.js";
export * from "./evaluation/index.js";
export * from "./export/index.js";
export * from "./loader/index.js";
export * from "./pretraining/index.js";
export * from "./recipes/index.js";
export * from "./report/index.js";
export {
  type DataSource,
  type DetectionValues,
  type EventLog,
  type HistoryArraysOptions,
  historyArrays,
  isRun,
  type LoopObserver,
  learningRateFactor,
  type Measured,
  openEventLog,
  type Progress,
  type Replay,
  type RunConfig,
  readConfig,
  readPretrainingConfig,
  replay,
  type StepReport,
  type StepValues,
  type TrainingData,
  type TrainingObserver,
  type TrainingState,
  type TrainOptions,
  type TrainResult,
  tensorBoard,
  train,
  trainingState,
  trainStep,
} from "./training/index.js";

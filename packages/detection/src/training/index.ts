export type { Progress } from "./checkpoint.js";
export { trainingLoader } from "./data.js";
export type { StepReport, TrainingObserver } from "./observer.js";
export { type DataSource, isRun, type RunConfig, readConfig, runDirectory } from "./run-directory.js";
export { learningRateFactor } from "./schedule.js";
export { tensorBoard } from "./tensorboard.js";
export { type TrainOptions, type TrainResult, train } from "./trainer.js";

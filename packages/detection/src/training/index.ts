export { asTeam, seedStep } from "./as-team.js";
export { loaderOf, trainingLoader } from "./data.js";
export { noisePictures } from "./detector-trial.js";
export { type Repeated, readFailedStep, repeatable, repeatStep } from "./failed-step.js";
export { NotFinite } from "./not-finite.js";
export {
  broadcast,
  type DetectionValues,
  type EncodedPicture,
  type EventLog,
  type EventLogOptions,
  type HistoryArraysOptions,
  type HistoryValue,
  type HyperParameter,
  heard,
  historyArrays,
  hyperParameters,
  LOOP_EVENTS,
  type LoopObserver,
  type Measured,
  type MetricsLine,
  openEventLog,
  recipeAsMarkdown,
  type ScalarRow,
  type StepReport,
  type StepValues,
  type TrainingObserver,
  tensorBoard,
} from "./observers/index.js";
export { choosePrecision, type Trial } from "./precision.js";
export { seedRandom } from "./random-state.js";
export { type Replay, replay } from "./replay.js";
export {
  type Best,
  type DataSource,
  isRun,
  openRun,
  type Progress,
  type RunConfig,
  type RunDirectory,
  type RunOptions,
  readConfig,
  readPretrainingConfig,
  requireSteps,
  restoreOr,
  runDirectory,
  type TrainingData,
  type TrainingState,
  trainingState,
} from "./run/index.js";
export { learningRateFactor } from "./schedule.js";
export { scheduleWarnings } from "./schedule-warnings.js";
export { inPrecision, trainStep } from "./train-step.js";
export { type TrainOptions, type TrainResult, train } from "./trainer.js";
export { type Evaluated, runLoop, type TrainingEnd, type TrainingLoop } from "./training-loop.js";
export { backward, update } from "./update.js";

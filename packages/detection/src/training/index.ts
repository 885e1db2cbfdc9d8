export { asTeam, seedStep } from "./as-team.js";
export { type Course, type CourseEnd, type Evaluated, runCourse } from "./course.js";
export { loaderOf, trainingLoader } from "./data.js";
export { type HistoryArraysOptions, type HistoryValue, historyArrays, type MetricsLine } from "./history-arrays.js";
export { NotFinite, stepProblem } from "./not-finite.js";
export {
  broadcast,
  COURSE_EVENTS,
  type CourseObserver,
  type DetectionValues,
  heard,
  type Measured,
  type StepReport,
  type StepValues,
  type TrainingObserver,
} from "./observer.js";
export {
  openRun,
  type RunOptions,
  requireSteps,
  restoreOr,
  type TrainingData,
  trainingState,
} from "./open-run.js";
export { seedRandom } from "./random-state.js";
export { type Replay, replay } from "./replay.js";
export {
  type DataSource,
  isRun,
  type RunConfig,
  type RunDirectory,
  readConfig,
  readPretrainingConfig,
  runDirectory,
} from "./run-directory.js";
export { learningRateFactor } from "./schedule.js";
export { scheduleWarnings } from "./schedule-warnings.js";
export type { Best, Progress, TrainingState } from "./state.js";
export * from "./tensorboard/index.js";
export { trainStep } from "./train-step.js";
export { type TrainOptions, type TrainResult, train } from "./trainer.js";
export { backward, update } from "./update.js";

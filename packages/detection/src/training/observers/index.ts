export { type HistoryArraysOptions, type HistoryValue, historyArrays, type MetricsLine } from "./history-arrays.js";
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
export * from "./tensorboard/index.js";

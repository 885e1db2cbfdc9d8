export { type HistoryArraysOptions, type HistoryValue, historyArrays, type MetricsLine } from "./history-arrays.js";
export {
  broadcast,
  type DetectionValues,
  heard,
  LOOP_EVENTS,
  type LoopObserver,
  type Measured,
  type StepReport,
  type StepValues,
  type TrainingObserver,
} from "./observer.js";
export * from "./tensorboard/index.js";

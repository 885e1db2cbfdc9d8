export { type About, saveCheckpoint, saveModel } from "./checkpoint.js";
export { goOnFrom } from "./foreign-checkpoint.js";
export { withLock } from "./lock.js";
export { openRun, type RunOptions, requireNewRun, requireSteps, restoreOr, type TrainingData, trainingState } from "./open-run.js";
export {
  type DataSource,
  isRun,
  type RunConfig,
  type RunDirectory,
  readConfig,
  readPretrainingConfig,
  removeUnbegun,
  runDirectory,
} from "./run-directory.js";
export { startingWeights } from "./starting-weights.js";
export type { Best, Progress, TrainingState } from "./state.js";

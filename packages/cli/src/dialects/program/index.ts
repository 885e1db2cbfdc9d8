export { type Devices, deviceFor, deviceList, FIRST_GPU, inProcesses } from "./devices.js";
export { freeRun } from "./free-run.js";
export { ownWords, settingsOf } from "./own-words.js";
export { commandOf, type Parsed, type Program, parse, valueName } from "./program.js";
export { clock, namespaceText, pythonFloat, pythonNames, timeStamp } from "./python.js";
export type { Row, Values } from "./row.js";
export { settleDevice } from "./settle-device.js";
export { system } from "./system.js";
export { trainingCommand } from "./train.js";
export {
  type Decisions,
  deviceNotes,
  type Here,
  notesOf,
  type Observed,
  type TrainingProgram,
  type Translation,
  translate,
} from "./translate.js";
export { type EpochMeans, observerOf, type WatchedEvaluation, type WatchedRun, type Watcher } from "./watcher.js";

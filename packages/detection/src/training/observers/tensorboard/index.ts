export { type EventLog, type EventLogOptions, openEventLog, type ScalarRow } from "./event-log.js";
export type { EncodedPicture } from "./events.js";
export { type HyperParameter, hyperParameters } from "./hyper-parameters.js";
export { recipeAsMarkdown, tensorBoard } from "./tensorboard.js";

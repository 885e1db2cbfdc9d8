export { endOnClosedPipe, onClosedPipe } from "./closed-pipe.js";
export { tellDevice } from "./device.js";
export { type Interruption, interruption } from "./interruption.js";
export { clearLine } from "./live-line.js";
export type { Stream } from "./stream.js";
export { openTerminal, prefixed, type Terminal } from "./terminal.js";
export { count, duration, shellWord, shortPath } from "./text.js";
export { pretrainingProgress, trainingProgress } from "./training-progress.js";
export { tellWorld } from "./world.js";

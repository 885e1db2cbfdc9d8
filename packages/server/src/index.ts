export type { EngineName, ModelFacts } from "./engines/index.js";
export { DEFAULT_LIMITS, type Limits } from "./limits.js";
export { type RunningServer, type ServerOptions, startServer } from "./server.js";

export type { Engine, EngineName, EngineOptions, ModelFacts } from "./engine.js";
export { startEngine } from "./thread.js";

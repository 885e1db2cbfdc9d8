export { type Plan, planRun, type TrainFlags } from "./plan.js";
export { readData, type TrainingData } from "./read-data.js";

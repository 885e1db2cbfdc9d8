export { howToGoOn } from "./go-on.js";
export { tellInterruption, untilInterrupted } from "./interrupted.js";
export { type Plan, planPretraining, planRun, type TrainFlags } from "./plan.js";
export { readData, type TrainingData } from "./read-data.js";

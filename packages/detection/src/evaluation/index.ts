export { detectAll, type EvaluateOptions, type Evaluation, evaluate } from "./evaluate.js";
export { evaluateLosses, type LossMeter, lossMeter, type MeanLosses } from "./losses.js";
export { type LoadOptions, loadModel, type Model, type Origin, weightsFile } from "./model.js";
export { detectPictures, type Prediction, type PredictOptions, predict } from "./predict.js";

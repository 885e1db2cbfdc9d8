export { AdamW, type AdamWOptions } from "./adamw.js";
export { clipGradNorm, gradNorm } from "./clip.js";
export { ExponentialMovingAverage } from "./ema.js";
export { GradScaler, type GradScalerOptions } from "./grad-scaler.js";
export { Optimizer, type OptimizerState, type ParameterGroup } from "./optimizer.js";
export { SGD, type SgdOptions } from "./sgd.js";

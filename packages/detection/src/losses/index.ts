export { type RegressionLoss, regressionLoss } from "./box-regression.js";
export { minedCrossEntropy } from "./cross-entropy.js";
export { type Among, type AnchorLoss, type DetectionLoss, detectionLoss, type Losses } from "./detection-loss.js";
export { focalLoss } from "./focal.js";
export { hardNegatives } from "./hard-negative-mining.js";
export { iouLosses } from "./iou-losses.js";
export { lossOf } from "./loss-of.js";
export { type GroundTruth, type TargetRules, type Targets, targetsFor, truthOn } from "./targets.js";

export { hardNegatives } from "./hard-negative-mining.js";
export { type DetectionLoss, type Losses, multiboxLoss } from "./multibox.js";
export { type GroundTruth, type Targets, targetsFor } from "./targets.js";

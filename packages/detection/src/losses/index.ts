export { hardNegatives } from "./hard-negative-mining.js";
export { type DetectionLoss, type Losses, multiboxLoss, type Targets } from "./multibox.js";

export { type AnchorTable, anchorsPerCell, anchorTable, type GridSize, halfSides } from "./anchors.js";
export { type Anchors, type BoxCoder, boxCoder, deltaCoder } from "./box-coder.js";
export { pairwiseIou } from "./iou.js";
export { BACKGROUND, IGNORED, type Matcher, matcher } from "./matcher.js";

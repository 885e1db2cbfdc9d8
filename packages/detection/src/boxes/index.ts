export { type AnchorLevel, anchorsPerCell, type GridSize, ssdAnchors } from "./anchors.js";
export { type BoxCoder, deltaCoder } from "./delta-coder.js";
export { pairwiseIou } from "./iou.js";
export { BACKGROUND, type Matcher, ssdMatcher } from "./matcher.js";

export {
  type AnchorFit,
  type AnchorRecall,
  anchorRecall,
  bestAnchors,
  groupByLabel,
  groupBySize,
  SIZE_EDGES,
  SIZE_NAMES,
} from "./anchor-recall.js";
export { type ClusterOptions, clusterShapes, type Shape } from "./cluster-shapes.js";
export { type Confusion, confusion } from "./confusion.js";
export { type Accuracy, accuracyAt, bestScore, type ClassCurve, classCurves, type RankedClass, rankClasses } from "./curves.js";
export { isFound, type MatchedPicture, type MatchOptions, matchPictures, NONE } from "./match.js";
export { mistakeCosts } from "./mistake-costs.js";
export { findMistakes, MISTAKES, type Mistake, type MistakeKind, type MistakeOptions } from "./mistakes.js";
export { aspectsOf, factorEdges, type Histogram, histogram, sidesOf } from "./shapes.js";
export { type WorstPicture, worstPictures } from "./worst-pictures.js";

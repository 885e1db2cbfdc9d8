export { detectorGraph, type GraphName, type GraphOptions } from "./detector-graph.js";
export { convertedBytes } from "./elements.js";

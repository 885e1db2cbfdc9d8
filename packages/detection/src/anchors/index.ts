export { type AnchorCheck, type AnchorGroup, type AnchorsFor, checkAnchors } from "./check.js";
export { type GridsFor, gridsOf, type MapAnchors, mapAnchors } from "./maps.js";
export { canvasFor, type SeenObjects, seenIn, seenObjects } from "./objects.js";
export { anchorSheet, describeMap, filledInput } from "./show.js";
export { type AnchorSuggestion, type SuggestOptions, suggestAnchors } from "./suggest.js";

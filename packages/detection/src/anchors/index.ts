export { type AnchorCheck, type AnchorGroup, checkAnchors } from "./check.js";
export { type AnchorLevel, anchorLevels, joined } from "./levels.js";
export { type SeenObjects, seenIn, seenObjects } from "./objects.js";
export { anchorSheet, describeLevel } from "./show.js";
export { type AnchorSuggestion, type SuggestOptions, suggestAnchors } from "./suggest.js";

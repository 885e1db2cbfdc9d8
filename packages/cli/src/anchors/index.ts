export { type OpenedAnchors, openAnchors } from "./open.js";
export { checkText, comparisonText } from "./text.js";

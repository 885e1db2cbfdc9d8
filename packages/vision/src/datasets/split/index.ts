export { parseShares, resplit } from "./resplit.js";
export { type Share, stratify } from "./stratify.js";
export { addVocLists } from "./voc-lists.js";

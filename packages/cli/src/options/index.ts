export { isStandardOutput, jsonOption, withJsonTargets, writeJson } from "./json.js";
export { fraction, htmlFile, jsonFile, threadCount, wholeNumber } from "./values.js";

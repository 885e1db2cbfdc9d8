export { isStandardOutput, jsonOption, withJsonTargets, writeJson } from "./json.js";
export { fraction, jsonFile, threadCount, wholeNumber } from "./values.js";

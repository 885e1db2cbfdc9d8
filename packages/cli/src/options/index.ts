export { isStandardOutput, jsonOption, withJsonTargets, writeJson } from "./json.js";
export { fraction, jsonFile, wholeNumber } from "./values.js";

export { chromium } from "./chromium.js";
export { type Ended, PROGRAM, runHere, type Started, singleshot, start } from "./command.js";
export { temporaryFolder } from "./folder.js";
export { type MalformedRequest, malformedRequests } from "./malformed-requests.js";
export { dribble, sendRaw } from "./raw-requests.js";
export { serving } from "./serving.js";
export { annotationXml, objectXml, tinyRecipe, writeTinyData, writeTinyModel } from "./tiny.js";
export { type Traffic, traffic } from "./traffic.js";
export { withOrientation } from "./turned.js";

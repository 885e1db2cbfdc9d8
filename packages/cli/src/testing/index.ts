export { type Ended, PROGRAM, runHere, singleshot, start } from "./command.js";
export { temporaryFolder } from "./folder.js";
export { annotationXml, objectXml, tinyRecipe, writeTinyData, writeTinyModel } from "./tiny.js";

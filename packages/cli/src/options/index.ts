export {
  annotationsOption,
  type DataFlags,
  datasetOption,
  imagesOption,
  labelsOption,
  readingOptions,
  repeatedDataOption,
} from "./data.js";
export { chooseDevice, type DeviceFlags, deviceOption } from "./device.js";
export { isStandardOutput, jsonOption, withJsonTargets, writeJson } from "./json.js";
export { type PostprocessFlags, postprocessChanges, postprocessOptions, withPostprocess } from "./postprocess.js";
export { type SaveEvery, saveEveryOption } from "./save-every.js";
export { collected, fraction, htmlFile, jsonFile, threadCount, wholeNumber, words } from "./values.js";
export { readWorld, worldOptions } from "./world.js";

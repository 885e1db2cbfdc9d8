export { checkValue } from "./check-value.js";
export type { PersistentLoad } from "./machine.js";
export { MAX_PICKLE_BYTES, readPickle } from "./reader.js";
export type { PickledStorage } from "./rebuild-tensor.js";
export { storageLoader } from "./storage-loader.js";
export {
  type CheckpointKey,
  type CheckpointValue,
  flatten,
  flattenTensors,
  isKey,
  isRawTensor,
  isTuple,
  type Leaf,
  Namespace,
  tuple,
} from "./value.js";
export { writePickle } from "./writer.js";

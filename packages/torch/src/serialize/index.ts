export { type FileContents, type InspectOptions, inspectFile } from "./inspect.js";
export { loadMetadata } from "./metadata.js";
export {
  type CheckpointKey,
  type CheckpointValue,
  flatten,
  flattenTensors,
  isRawTensor,
  isTuple,
  type Leaf,
  Namespace,
  tuple,
} from "./pickle/index.js";
export {
  contiguousBytes,
  digest,
  elementCount,
  isContiguous,
  type RawStorage,
  type RawTensor,
  rawTensor,
  rowMajorStride,
} from "./raw-tensor.js";
export { type ReadCheckpointOptions, readCheckpoint } from "./read-checkpoint.js";
export { readSafetensors, type Safetensors, writeSafetensors } from "./safetensors/index.js";
export type { FileFormat } from "./sniff.js";
export { load, loadSafetensors, type Saved, save, saveSafetensors } from "./tensors.js";
export { writeCheckpoint } from "./write-checkpoint.js";

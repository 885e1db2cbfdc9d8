export { readOpenSafetensors, readSafetensors, readSafetensorsMetadata, type Safetensors, writeSafetensors } from "./safetensors.js";

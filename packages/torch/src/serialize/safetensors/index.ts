export { readOpenSafetensors, readSafetensors, type Safetensors, writeSafetensors } from "./safetensors.js";

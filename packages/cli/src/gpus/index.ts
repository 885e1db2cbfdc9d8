export { countGpus } from "./count.js";
export { findGpus, type Gpus } from "./find.js";

export { isAllDifficult, withoutDifficult } from "./difficult.js";
export { type Batch, Loader, type LoaderOptions, type Sampling } from "./loader.js";
export { pixelsOf } from "./pixels.js";

export { type Batch, Loader, type LoaderOptions, type Sampling } from "./loader.js";
export { type LaidPicture, pixelsOf } from "./pixels.js";

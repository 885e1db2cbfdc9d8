export { type Batch, Loader, type LoaderOptions } from "./loader.js";
export { type LaidPicture, pixelsOf } from "./pixels.js";

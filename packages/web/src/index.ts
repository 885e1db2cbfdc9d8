export type { Backend } from "./backend.js";
export { type DetectOptions, type Detector, type Found, type LoadOptions, load } from "./load.js";
export { type PictureSource, pictureOf } from "./picture-of.js";

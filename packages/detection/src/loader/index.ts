export { type Batch, Loader, type LoaderOptions } from "./loader.js";

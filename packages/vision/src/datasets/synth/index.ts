export { type SynthesizeOptions, synthesizeDataset } from "./synthesize.js";

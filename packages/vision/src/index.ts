export * from "./analysis/index.js";
export * from "./boxes/index.js";
export { problemText } from "./datasets/problem-text.js";
export type { Dataset, DatasetEntry, DatasetProblem, ImageDetail } from "./datasets/types.js";
export { InputError, type InputErrorPlace } from "./errors.js";
export * from "./metrics/index.js";
export { below, between, type Draw, permutation, randomOf } from "./random.js";
export { CROWD, type Detections, DIFFICULT, type Marks, type Picture, type Sample } from "./sample.js";
export * from "./transforms/index.js";

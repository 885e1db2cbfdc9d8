export { expectClose, expectDetections, expectRecord, expectSparse } from "./compare.js";
export { golden, goldenDir, goldenNames, reviveNumber } from "./files.js";
export { fuzzCount, mutate } from "./fuzz.js";
export { type FuzzResult, type FuzzTarget, runTrials } from "./fuzz-target.js";
export { elementsOf, outsideReferences, type PageElement, runningParts } from "./page.js";
export { seededRandom } from "./random.js";
export { type Fill, fillValue, fnv1a, goldenInput, goldenPicture, type InputRecipe, type PictureRecipe, uniform } from "./recipes.js";
export { expectGradients, expectSgdDeltas, l2, probe } from "./training.js";
export type { Detections, GoldenDetections, GoldenGradients, GoldenSgd, GoldenSparse, StatisticRecord } from "./types.js";

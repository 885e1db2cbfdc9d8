export type { Affine } from "./affine.js";
export type { ColorChange } from "./color/index.js";
export type { Interpolation } from "./filter.js";
export {
  batchSize,
  boxesFromInput,
  boxesIntoInput,
  evaluationInput,
  type InputOptions,
  maxPixels,
  type Placement,
  placePicture,
} from "./fit.js";
export { augmentationPresets, type SparrowOptions, sparrowAugmentation } from "./preset-list.js";
export { type AugmentationStep, augment, augmentationSteps, evaluationPlan, planAugmentation } from "./presets.js";
export { render, renderPlaced, renderSample } from "./render.js";
export { type Shrink, shrinkFor, shrunkSize, viewOfShrunk } from "./shrink.js";
export { flip, flipVertical, rotate, type Size, scaleBoxes, selectMarks, sizeOf, type View, viewOf, type Window } from "./view.js";

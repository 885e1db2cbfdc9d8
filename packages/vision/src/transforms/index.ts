export type { ColorChange } from "./color.js";
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
export { type AugmentationStep, augment, augmentationPresets, augmentationSteps, planAugmentation } from "./presets.js";
export { render, renderSample, type Size } from "./render.js";
export { flip, flipVertical, rotate, scaleBoxes, sizeOf, type View, viewOf, type Window } from "./view.js";

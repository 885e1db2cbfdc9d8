export { type AreaCropOptions, areaCrop, type CenterCropOptions, centerCrop } from "./area-crop.js";
export { type ConstrainedCropOptions, constrainedCrop, cropped } from "./constrained-crop.js";
export type { ChanceOptions, Color } from "./draws.js";
export { aspectFits, cropIfOverlapping, type IouCropOptions, iouCrop } from "./iou-crop.js";
export {
  type FloatPhotometricOptions,
  floatPhotometric,
  type HsvJitterOptions,
  hsvJitter,
  type PhotometricOptions,
  photometric,
} from "./photometric.js";
export {
  type DropSmallOptions,
  type InterpolationOptions,
  interpolation,
  type LargeScaleJitterOptions,
  largeScaleJitter,
  type ShortSideOptions,
  shortSide,
  smallBoxes,
  withShortSide,
} from "./resize.js";
export { sampleCrop } from "./sample-crop.js";
export { randomFlip, randomFlipVertical, randomRotate } from "./turn.js";
export { type AffineOptions, affine, type ScaleAndPlaceOptions, scaleAndPlace } from "./warp.js";
export { type ScaleJitterOptions, scaleJitter, type ZoomOutOptions, zoomOut } from "./zoom.js";

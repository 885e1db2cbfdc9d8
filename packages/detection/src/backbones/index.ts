export {
  type ConvNormOptions,
  convNorm,
  InvertedResidual,
  type MobileNetV3Layers,
  type MobileNetV3Options,
  makeDivisible,
  mobileNetV3Large,
} from "./mobilenet-v3.js";

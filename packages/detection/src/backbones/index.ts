export { type BlockLayout, flatLayout, nestedLayout } from "./block-layout.js";
export { type Classifier, type ClassifierOptions, globalAverage, TrunkClassifier } from "./classifier.js";
export { classifiers, recipeStartingFrom } from "./classifiers.js";
export { type ConvNormOptions, convNorm, type NormOptions } from "./conv-norm.js";
export { convRelu, reluInPlace } from "./conv-relu.js";
export { initializeConvs, initializeLinears } from "./initialize.js";
export { makeDivisible } from "./make-divisible.js";
export { mobileNetV1, mobileNetV1Trunk } from "./mobilenet-v1.js";
export {
  LinearBottleneck,
  type LinearBottleneckOptions,
  type MobileNetV2Options,
  type MobileNetV2Stages,
  mobileNetV2,
  mobileNetV2Stages,
  mobileNetV2Trunk,
} from "./mobilenet-v2.js";
export {
  InvertedResidual,
  type MobileNetV3Layers,
  type MobileNetV3Options,
  mobileNetV3Large,
  mobileNetV3LargeClassifier,
} from "./mobilenet-v3.js";
export { type Normalization, normalizeImages } from "./normalize.js";
export { ResNet50, ResNet50Body, type ResNetNorm, resnet50 } from "./resnet50.js";
export { Extractor, resnetKeyToScratch } from "./resnet50-extractor.js";
export { ShuffleNetV2Body, shuffleNetV2 } from "./shufflenet-v2.js";
export { SparrowMobileNetV2, type SparrowMobileNetV2Options } from "./sparrow-mobilenet-v2.js";
export { type SqueezeNetOptions, squeezeNet, squeezeNetTrunk } from "./squeezenet.js";
export { type Body, bodyAtStrides, lastAtStride, mapsBehind, stagesOf, type Trunk, TrunkBody } from "./trunk.js";
export { fc6Fc7, type Vgg16Options, vgg16, vgg16Stages, vgg16Trunk } from "./vgg16.js";

export { type Classifier, type ClassifierOptions, globalAverage, TrunkClassifier } from "./classifier.js";
export { classifiers } from "./classifiers.js";
export { type ConvNormOptions, convNorm, flatten, type NormOptions } from "./conv-norm.js";
export { initializeConvs, initializeLinears } from "./initialize.js";
export { makeDivisible } from "./make-divisible.js";
export { InvertedResidual, type MobileNetV3Layers, type MobileNetV3Options, mobileNetV3Large } from "./mobilenet-v3.js";
export { type Body, bodyAtStrides, lastAtStride, type Trunk, TrunkBody } from "./trunk.js";
export { fc6Fc7, type Vgg16Options, vgg16, vgg16Stages, vgg16Trunk } from "./vgg16.js";

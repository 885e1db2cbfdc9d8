export * as init from "./init.js";
export {
  type Activation,
  adaptiveAvgPool2d,
  avgPool2d,
  BatchNorm2d,
  Conv2d,
  type Conv2dOptions,
  Dropout,
  FrozenBatchNorm2d,
  GroupNorm,
  hardsigmoid,
  hardswish,
  identity,
  isNorm,
  Linear,
  layer,
  maxPool2d,
  relu,
  relu6,
  silu,
  synchronizeBatchNorm,
} from "./layers.js";
export { Buffer, Layer, Module, Parameter } from "./module.js";
export { Sequential } from "./sequential.js";

export * from "./anchors/index.js";
export { type Classifier, type ClassifierOptions, classifiers } from "./backbones/index.js";
export * from "./detectors/index.js";
export * from "./evaluation/index.js";
export * from "./loader/index.js";
export * from "./pretraining/index.js";
export * from "./recipes/index.js";
export * from "./report/index.js";
export * from "./training/index.js";

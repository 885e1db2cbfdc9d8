import type { Classifier, ClassifierOptions } from "./classifier.js";
import { mobileNetV2 } from "./mobilenet-v2.js";
import { resnet50 } from "./resnet50.js";
import { vgg16 } from "./vgg16.js";

/** The networks that learn to tell pictures apart, to be detectors' backbones afterwards. */
export const classifiers: ReadonlyMap<string, (options: ClassifierOptions) => Classifier> = new Map(
  Object.entries({
    vgg16,
    "mobilenet-v2": mobileNetV2,
    resnet50,
  }),
);

import type { ClassifierName } from "../recipes/index.js";
import type { Classifier, ClassifierOptions } from "./classifier.js";
import { mobileNetV1 } from "./mobilenet-v1.js";
import { mobileNetV2 } from "./mobilenet-v2.js";
import { mobileNetV3LargeClassifier } from "./mobilenet-v3.js";
import { resnet50 } from "./resnet50.js";
import { Extractor } from "./resnet50-extractor.js";
import { shuffleNetV2 } from "./shufflenet-v2.js";
import { squeezeNet } from "./squeezenet.js";
import { vgg16 } from "./vgg16.js";

type Make = (options: ClassifierOptions) => Classifier;

const rows: Record<ClassifierName, Make> = {
  vgg16,
  "mobilenet-v1": mobileNetV1,
  "mobilenet-v2": mobileNetV2,
  "mobilenet-v3-large": mobileNetV3LargeClassifier,
  "squeezenet1-1": squeezeNet,
  resnet50,
  "resnet50-extractor": (options) => new Extractor(options),
  "shufflenet-v2": shuffleNetV2,
};

/** The networks that learn to tell pictures apart, to be detectors' backbones afterwards. */
export const classifiers: ReadonlyMap<string, Make> = new Map(Object.entries(rows));

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

interface Row {
  make: Make;
  /** A recipe whose detector starts from its weights. */
  starts: string;
}

const rows: Record<ClassifierName, Row> = {
  vgg16: { make: vgg16, starts: "ssd300-vgg16" },
  "mobilenet-v1": { make: mobileNetV1, starts: "mb1-ssd" },
  "mobilenet-v2": { make: mobileNetV2, starts: "mb2-ssd-lite" },
  "mobilenet-v3-large": { make: mobileNetV3LargeClassifier, starts: "ssdlite320-fulltail" },
  "squeezenet1-1": { make: squeezeNet, starts: "sq-ssd-lite" },
  resnet50: { make: resnet50, starts: "retinanet-resnet50" },
  "resnet50-extractor": { make: (options) => new Extractor(options), starts: "retinanet-scratch" },
  "shufflenet-v2": { make: shuffleNetV2, starts: "sparrow-ssdlite-shufflenet-v2" },
};

/** The networks that learn to tell pictures apart, to be detectors' backbones afterwards. */
export const classifiers: ReadonlyMap<string, Make> = new Map(Object.entries(rows).map(([name, { make }]) => [name, make]));

/** The name of a recipe whose detector starts from such a classifier. */
export const recipeStartingFrom = (classifier: ClassifierName): string => rows[classifier].starts;

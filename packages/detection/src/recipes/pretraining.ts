import type { PretrainingRecipeInput } from "./pretraining-schema.js";

const IMAGENET = { pictures: 1_281_167, batch: 128 };
const TUTORIAL_STEPS = 550_000;

const extractor: PretrainingRecipeInput = {
  name: "retinanet-scratch-extractor",
  task: "classification",
  source: "the tutorial RetinaNet from scratch, xytpai.github.io 4a7f811",
  description: "The extractor of retinanet-scratch (a ResNet-50) on class folders, by the tutorial's schedule for ImageNet",
  classifier: {
    network: { name: "resnet50-extractor" },
    side: 224,
    normalization: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  },
  data: { augmentation: "retinanet-scratch-pretrain", batchSize: IMAGENET.batch, lastBatch: "keep" },
  optimizer: { name: "sgd", learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4 },
  schedule: {
    name: "multi-step",
    epochs: Math.ceil(TUTORIAL_STEPS / Math.ceil(IMAGENET.pictures / IMAGENET.batch)),
    unit: "step",
    milestones: [150_000, 300_000],
    gamma: 0.1,
  },
  steps: TUTORIAL_STEPS,
  training: { saveEvery: { steps: 200 } },
  evaluation: { probeEverySteps: 50 },
};

const small: PretrainingRecipeInput = {
  name: "classifier-small",
  task: "classification",
  source: "singleshot",
  description: "A classifier on some thousand small pictures, crops of objects for instance; any network by --network",
  classifier: {
    network: { name: "mobilenet-v3-large" },
    side: 96,
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }, // ssdlite320's
  },
  data: {
    augmentation: [
      { step: "flip" },
      { step: "area-crop", area: [0.5, 1] },
      { step: "photometric", p: 1, pChannels: 0, brightness: [0.8, 1.2], contrast: [0.8, 1.2], saturation: [0.8, 1.2], hue: [-0.02, 0.02] },
    ],
    batchSize: 32,
  },
  optimizer: { name: "adamw", learningRate: 1e-3, weightDecay: 0.05, normWeightDecay: 0, biasWeightDecay: 0 },
  schedule: { name: "cosine", per: "step", epochs: 20, finalFactor: 0.01, warmupSteps: 50 },
  training: { emaDecay: 0.99 },
};

/** Every recipe that ships for classifiers, by name. */
export const pretrainingRecipes: ReadonlyMap<string, PretrainingRecipeInput> = new Map(
  [extractor, small].map((recipe) => [recipe.name, recipe]),
);

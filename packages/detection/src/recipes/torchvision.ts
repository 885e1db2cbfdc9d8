import type { RecipeInput } from "./schema.js";

/** Anchors of SSDlite320: scales from 0.2 to 0.95 in equal steps over six maps, ratios 2 and 3. */
const scales = [...Array.from({ length: 6 }, (_, k) => 0.2 + (0.75 * k) / 5), 1];
const ssdliteAnchors = scales.slice(0, -1).map((scale, i) => ({ scale, nextScale: scales[i + 1]!, ratios: [2, 3] }));

/** torchvision's detectors never let a box grow beyond a thousand pixels from sixteen. */
const maxLogScale = Math.log(1000 / 16);

const ssdlite320: RecipeInput = {
  name: "ssdlite320",
  source: "torchvision references/detection, ssdlite320_mobilenet_v3_large",
  description: "SSDlite on MobileNetV3-Large at 320 × 320, as published: trained from a random backbone on COCO",
  expected: { protocol: "coco", map: 21.3, on: "COCO val2017" },
  facts: { classes: 90, parameters: 3_440_060, anchors: 3234 },
  detector: {
    network: { name: "ssdlite-mobilenet-v3-large" },
    input: { resize: "stretch", width: 320, height: 320 },
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    anchors: { levels: ssdliteAnchors, clip: "sizes" },
    coder: { maxLogScale },
    postprocess: {
      scoreThreshold: 0.001,
      candidates: { per: "class", count: 300 },
      nms: { iouThreshold: 0.55 },
      maxDetections: 300,
    },
  },
  data: { augmentation: "ssdlite", batchSize: 192 }, // 8 processes × 24
  optimizer: { name: "sgd", learningRate: 0.15, momentum: 0.9, weightDecay: 4e-5 },
  training: { microBatchSize: 24 }, // what one of the eight processes sees at once
  schedule: { name: "cosine", epochs: 660, warmupSteps: 1000, warmupFactor: 0.001, warmupInFirstEpoch: true },
};

const { expected: _, ...published } = ssdlite320;

/** The published network with settings for hundreds of pictures: small batches, AdamW, a decay at every step. */
const ssdlite320Small: RecipeInput = {
  ...published,
  name: "ssdlite320-small",
  source: "singleshot",
  description: "The ssdlite320 network for hundreds of pictures instead of a hundred thousand: small batches, AdamW",
  data: { augmentation: "ssdlite", batchSize: 16 },
  training: {},
  optimizer: { name: "adamw", learningRate: 2e-3, weightDecay: 0.05, normWeightDecay: 0 },
  schedule: { name: "cosine", per: "step", epochs: 40, warmupSteps: 30, warmupFactor: 0.01 },
  evaluation: { everyEpochs: 10 },
};

export const torchvisionRecipes: readonly RecipeInput[] = [ssdlite320, ssdlite320Small];

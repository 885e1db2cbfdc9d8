import type { RecipeInput } from "./schema.js";

/** A shape by the side of a square of equal area and width / height, both as shares of a 4 : 3 picture: 0.75 looks square. */
const shape = (side: number, ratio = 0.75): [number, number] => [side * Math.sqrt(ratio), side / Math.sqrt(ratio)];

/** Blood cells in minutes on two cores, from random weights. How it was found, and what each choice brought: docs/quickstart.md. */
export const quickstart: RecipeInput = {
  name: "quickstart",
  source: "singleshot",
  description: "Blood cells (BCCD) in a few minutes on two cores: half-width SSDlite at 320 × 240 with a stride-8 map",
  detector: {
    network: {
      name: "ssdlite-mobilenet-v3-large",
      width: 0.5,
      norm: { eps: 1e-3, momentum: 0.1 }, // 0.03 would lag behind in so short a run
      tapStrides: [8, 16], // platelets are 20 px wide: stride 16 alone misses them
      extras: [], // nothing in these pictures is larger than half of them
    },
    input: { resize: "stretch", width: 320, height: 240 }, // half of the photographs, which keeps their aspect ratio
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    anchors: {
      levels: [
        { shapes: [shape(0.058), shape(0.073), shape(0.092)] }, // platelets
        { shapes: [shape(0.15), shape(0.19), shape(0.23), shape(0.19, 1.1), shape(0.19, 0.55)] }, // red cells
        { shapes: [shape(0.29), shape(0.37), shape(0.37, 1.1), shape(0.37, 0.55), shape(0.5)] }, // white cells
      ],
    },
    coder: { maxLogScale: Math.log(1000 / 16) },
    loss: { classification: { name: "cross-entropy", classWeights: { Platelets: 3 } } },
    postprocess: {
      scoreThreshold: 0.01,
      candidates: { per: "class", count: 300 },
      nms: { iouThreshold: 0.45 },
      maxDetections: 100,
    },
  },
  data: {
    augmentation: [
      { step: "photometric", brightness: [0.8, 1.2], contrast: [0.7, 1.3], saturation: [0.6, 1.4], hue: [-0.02, 0.02], pChannels: 0 },
      { step: "iou-crop", scale: [0.7, 1], aspect: [1, 1.8], minIous: [0, 1] },
      { step: "flip" },
      { step: "flip-vertical" },
    ],
    batchSize: 8,
  },
  optimizer: { name: "adamw", learningRate: 2e-3, weightDecay: 0.05, normWeightDecay: 0, biasWeightDecay: 0 },
  schedule: { name: "cosine", per: "step", epochs: 60, finalFactor: 0.01, warmupSteps: 50 },
  training: { emaDecay: 0.99 },
  evaluation: { protocol: "coco", everyEpochs: 60 }, // once, at the end: the test pictures choose nothing
};

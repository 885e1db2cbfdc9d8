import { merge } from "./merge.js";
import type { RecipeInput } from "./schema.js";

const strides = [8, 16, 32];
const ratios = [1, 2, 0.5]; // width / height
const scales = [1, 1.26];

/** Six shapes around a side in pixels. */
const shapes = (side: number) =>
  ratios.flatMap((ratio) => scales.map((scale): [number, number] => [side * scale * Math.sqrt(ratio), (side * scale) / Math.sqrt(ratio)]));

const sparrow: RecipeInput = {
  name: "sparrow-ssdlite",
  source: "MobileSparrow cf4fd41, 001_Training_SSDLite",
  description: "SSDlite on MobileNetV2 and a small feature pyramid at 320 × 320, from random weights",
  facts: { classes: 80, parameters: 2_214_234, anchors: 12_600 },
  reference: {
    detector: {
      network: { backbone: { taps: "original" } }, // maps of strides 4, 8, 16, taken for 8, 16, 32
      anchors: { order: "shape", levels: strides.map((stride) => ({ shapes: shapes(stride), step: stride })) }, // heads answer cell by cell
      postprocess: { scoreThreshold: 0.35, candidates: { count: 50_400 }, clip: "none" },
    },
    data: { augmentation: "sparrow-reference" },
    schedule: { warmupEpochs: 0 }, // declared there, and never used
  },
  detector: {
    network: { name: "ssdlite-fpn", backbone: { name: "mobilenet-v2" } },
    input: { resize: "letterbox", width: 320, height: 320 },
    normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
    anchors: {
      unit: "pixel",
      keeps: "centers",
      levels: strides.map((stride) => ({ shapes: shapes(4 * stride) })), // one stride, as the original has it, is 57 px at most: too small for COCO
    },
    coder: { minSide: 320e-6 },
    matcher: { foreground: 0.5, background: 0.4, backgroundInclusive: true, iouEpsilon: 1e-9 },
    loss: {
      classification: { name: "cross-entropy", negativesPerPositive: 3, negativesWithoutPositives: 64 },
      regression: { name: "smooth-l1" },
      normalizer: "mean",
    },
    postprocess: {
      scoreThreshold: 0.01, // mAP counts weak detections too; for pictures the original takes 0.35: `predict --score 0.35`
      candidates: { per: "class", count: 400 },
      nms: { iouThreshold: 0.5, inclusive: true, epsilon: 1e-6 / 320 ** 2 },
      maxDetections: 100,
      clip: "after-nms",
    },
  },
  data: { augmentation: "sparrow", batchSize: 64, workers: 8 },
  optimizer: { name: "sgd", learningRate: 3e-3, momentum: 0.9, weightDecay: 5e-4 },
  schedule: { name: "cosine", epochs: 10, warmupEpochs: 3 },
  evaluation: { protocol: "coco" },
};

/** The system with another of its backbones; about these the original leaves nothing to compare with. */
function withBackbone(recipe: Pick<RecipeInput, "name" | "description" | "facts">, backbone: { name: string }): RecipeInput {
  const { reference: _, ...own } = sparrow;
  return merge(own, { ...recipe, detector: { network: { backbone } } }) as RecipeInput;
}

export const sparrowRecipes: readonly RecipeInput[] = [
  sparrow,
  withBackbone(
    {
      name: "sparrow-ssdlite-mobilenet-v3",
      description: "sparrow-ssdlite on MobileNetV3-Large",
      facts: { classes: 80, parameters: 3_438_218, anchors: 12_600 },
    },
    { name: "mobilenet-v3-large" },
  ),
  withBackbone(
    {
      name: "sparrow-ssdlite-shufflenet-v2",
      description: "sparrow-ssdlite on ShuffleNetV2",
      facts: { classes: 80, parameters: 1_213_886, anchors: 12_600 },
    },
    { name: "shufflenet-v2" },
  ),
];

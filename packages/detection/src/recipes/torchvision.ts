import type { RecipeInput } from "./schema.js";

/** Anchors of SSDlite320: scales from 0.2 to 0.95 in equal steps over six maps, ratios 2 and 3. */
const scales = [...Array.from({ length: 6 }, (_, k) => 0.2 + (0.75 * k) / 5), 1];
const ssdliteAnchors = scales.slice(0, -1).map((scale, i) => ({ scale, nextScale: scales[i + 1]!, ratios: [2, 3] }));

/** torchvision's detectors never let a box grow beyond a thousand pixels from sixteen. */
const maxLogScale = Math.log(1000 / 16);

/** The learning rate rises over the first thousand steps, within the first epoch. */
const warmup = { warmupSteps: 1000, warmupFactor: 0.001, warmupInFirstEpoch: true };

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
  data: { augmentation: "ssdlite", batchSize: 192, aspectGroups: 3 }, // 8 processes × 24
  optimizer: { name: "sgd", learningRate: 0.15, momentum: 0.9, weightDecay: 4e-5 },
  training: { microBatchSize: 24 }, // what one of the eight processes sees at once
  schedule: { name: "cosine", epochs: 660, ...warmup },
};

const { expected: _, ...published } = ssdlite320;

const ssdlite320FullTail: RecipeInput = {
  ...published,
  name: "ssdlite320-fulltail",
  source: "torchvision references/detection, ssdlite320_mobilenet_v3_large --weights-backbone MobileNet_V3_Large_Weights.IMAGENET1K_V1",
  description: "SSDlite on all of MobileNetV3-Large, as torchvision builds it on ImageNet weights; the published file has half the tail",
  facts: { classes: 90, parameters: 5_198_540, anchors: 3234 },
  detector: { ...published.detector, network: { name: "ssdlite-mobilenet-v3-large", reducedTail: false } },
};

/** The published network with settings for hundreds of pictures: small batches, AdamW, a decay at every step. */
const ssdlite320Small: RecipeInput = {
  ...published,
  name: "ssdlite320-small",
  source: "singleshot",
  description: "The ssdlite320 network for hundreds of pictures instead of a hundred thousand: small batches, AdamW",
  data: { augmentation: "ssdlite", batchSize: 16 },
  training: {},
  optimizer: { name: "adamw", learningRate: 2e-3, weightDecay: 0.05, normWeightDecay: 0, biasWeightDecay: 0 },
  schedule: { name: "cosine", per: "step", epochs: 40, warmupSteps: 30, warmupFactor: 0.01 },
  evaluation: { everyEpochs: 10 },
};

/** Of SSD300: ratios of each map, the distance of its anchors in pixels, and the share of the input that a square takes. */
const ssd300Scales = [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05];
const ssd300Levels = [
  { ratios: [2], step: 8 },
  { ratios: [2, 3], step: 16 },
  { ratios: [2, 3], step: 32 },
  { ratios: [2, 3], step: 64 },
  { ratios: [2], step: 100 },
  { ratios: [2], step: 300 },
].map((level, k) => ({ scale: ssd300Scales[k]!, nextScale: ssd300Scales[k + 1]!, ...level }));

const ssd300: RecipeInput = {
  name: "ssd300-vgg16",
  source: "torchvision references/detection, ssd300_vgg16 --weights-backbone VGG16_Weights.IMAGENET1K_FEATURES",
  description: "SSD on VGG16 at 300 × 300, as published: from a backbone trained on ImageNet, on COCO",
  expected: { protocol: "coco", map: 25.1, on: "COCO val2017" },
  facts: { classes: 90, parameters: 35_641_826, anchors: 8732 },
  detector: {
    network: { name: "ssd300-vgg16" },
    input: { resize: "stretch", width: 300, height: 300 },
    normalization: { mean: [0.48235, 0.45882, 0.40784], std: [1 / 255, 1 / 255, 1 / 255] }, // grey levels, as its backbone was trained
    anchors: { levels: ssd300Levels, clip: "sizes" },
    coder: { maxLogScale },
    postprocess: {
      scoreThreshold: 0.01,
      candidates: { per: "class", count: 400 },
      nms: { iouThreshold: 0.45 },
      maxDetections: 200,
    },
  },
  data: { augmentation: "ssd", batchSize: 32, aspectGroups: 3 }, // 8 processes × 4
  optimizer: { name: "sgd", learningRate: 0.002, momentum: 0.9, weightDecay: 5e-4 },
  training: { microBatchSize: 4, freeze: 1 }, // conv1_1 and conv1_2 stay as ImageNet taught them
  fromScratch: { training: { freeze: 0 } },
  schedule: { name: "multi-step", epochs: 120, milestones: [80, 110], ...warmup },
};

/** Three sizes to an octave, in whole pixels, in every ratio height / width. */
const retinanetShapes = (size: number) => {
  const sizes = [size, Math.trunc(size * 2 ** (1 / 3)), Math.trunc(size * 2 ** (2 / 3))];
  return [0.5, 1, 2].flatMap((ratio) => sizes.map((side): [number, number] => [side / Math.sqrt(ratio), side * Math.sqrt(ratio)]));
};

/** torchvision published the first version's weights when its frozen norms had no epsilon. */
const withoutEpsilon = { detector: { network: { normEps: 0 } } };

const retinanet: RecipeInput = {
  name: "retinanet-resnet50",
  source: "torchvision references/detection, retinanet_resnet50_fpn --weights-backbone ResNet50_Weights.IMAGENET1K_V1",
  description: "RetinaNet on ResNet-50 with a feature pyramid, as published: from a backbone trained on ImageNet, on COCO",
  expected: { protocol: "coco", map: 36.4, on: "COCO val2017" },
  facts: { classes: 90, parameters: 34_014_999, anchors: 201_600 }, // of an input of 800 × 1344
  detector: {
    network: { name: "retinanet-resnet50-fpn", norm: "frozen" },
    input: { resize: "sides", shortSides: [800], longSide: 1333, multiple: 32 },
    normalization: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    scores: "sigmoid-with-background",
    anchors: {
      unit: "pixel",
      center: 0,
      round: true,
      levels: [32, 64, 128, 256, 512].map((size) => ({ shapes: retinanetShapes(size), step: "floor" })),
    },
    coder: { weights: [1, 1, 1, 1], maxLogScale },
    matcher: { foreground: 0.5, background: 0.4, claim: "ties" },
    loss: { classification: { name: "focal", alpha: 0.25, gamma: 2 }, regression: { name: "l1" }, normalizer: "image" },
    postprocess: {
      scoreThreshold: 0.05,
      candidates: { per: "level", count: 1000 },
      nms: { iouThreshold: 0.5 },
      maxDetections: 300,
    },
  },
  data: { augmentation: "hflip", batchSize: 16, aspectGroups: 3 }, // 8 processes × 2
  optimizer: { name: "sgd", learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 },
  training: { microBatchSize: 2, freeze: 2 }, // the stem and the first stage stay as ImageNet taught them
  fromScratch: { detector: { network: { norm: "batch" } }, training: { freeze: 0 } },
  fromWeights: {
    "RetinaNet_ResNet50_FPN_Weights.COCO_V1": withoutEpsilon,
    "RetinaNet_ResNet50_FPN_Weights.DEFAULT": withoutEpsilon,
  },
  schedule: { name: "multi-step", epochs: 26, milestones: [16, 22], ...warmup },
};

const { fromWeights: __, ...common } = retinanet;

const retinanetV2: RecipeInput = {
  ...common,
  name: "retinanet-resnet50-v2",
  source: "torchvision references/detection, retinanet_resnet50_fpn_v2 --weights-backbone ResNet50_Weights.IMAGENET1K_V2",
  description: "RetinaNet's second version: batch norm that trains, group norm in the heads, GIoU loss, AdamW, pictures of many sizes",
  expected: { protocol: "coco", map: 41.5, on: "COCO val2017" },
  facts: { classes: 90, parameters: 38_198_935, anchors: 201_600 },
  detector: {
    ...retinanet.detector,
    network: { name: "retinanet-resnet50-fpn", norm: "batch", coarseFrom: "c5", headNorm: "group" },
    input: { resize: "sides", shortSides: Array.from({ length: 11 }, (_, k) => 480 + 32 * k), longSide: 1333, multiple: 32 },
    loss: { ...retinanet.detector.loss!, regression: { name: "giou" } },
  },
  data: { ...retinanet.data, augmentation: "multiscale" },
  optimizer: { name: "adamw", learningRate: 1e-4, weightDecay: 0.05, normWeightDecay: 0 },
  training: { freeze: 2 }, // all 16 pictures at once: batch norm over them, as with --sync-bn
};

export const torchvisionRecipes: readonly RecipeInput[] = [ssd300, ssdlite320, ssdlite320FullTail, ssdlite320Small, retinanet, retinanetV2];

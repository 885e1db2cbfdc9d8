import type { RecipeInput } from "./schema.js";

type DetectorInput = RecipeInput["detector"];

/** Sides of the anchors in pixels, and one more; ratios of each map; pixels between the centres. */
interface Anchors {
  sides: number[];
  ratios: number[][];
  steps: number[];
}

const few = [2];
const many = [2, 3];
const at300 = (sides: number[]): Anchors => ({ sides, ratios: [few, many, many, many, few, few], steps: [8, 16, 32, 64, 100, 300] });
const voc300 = at300([30, 60, 111, 162, 213, 264, 315]);
const coco300 = at300([21, 45, 99, 153, 207, 261, 315]);
const both512: Anchors = {
  sides: [51.2, 76.8, 153.6, 230.4, 307.2, 384, 460.8, 537.6],
  ratios: [few, many, many, many, many, few, few],
  steps: [8, 16, 32, 64, 128, 256, 512],
};

/** Anchors in pixels, not clipped: they fit an input of any size. */
function ssd(size: 300 | 512, { sides, ratios, steps }: Anchors): DetectorInput {
  const levels = ratios.map((own, k) => ({ scale: sides[k]!, nextScale: sides[k + 1]!, ratios: own, step: steps[k]! }));
  return {
    network: { name: "ssd-vgg16-atrous", size },
    input: { resize: "stretch", width: size, height: size, interpolation: "auto" }, // as its validation transform
    normalization: { mean: [0.485, 0.456, 0.406], std: [1 / 255, 1 / 255, 1 / 255] }, // the network multiplies ImageNet's std away again
    anchors: { unit: "pixel", keeps: "centers", levels },
    coder: { center: "mean" },
    matcher: { claim: "bipartite" },
    postprocess: {
      scoreThreshold: 0.01,
      candidates: { per: "image", count: 400 },
      nms: { iouThreshold: 0.45 },
      maxDetections: 100,
      clip: "after-nms",
    },
  };
}

/** The defaults of GluonCV's scripts/detection/ssd/train_ssd.py. */
const training = {
  data: { augmentation: "gluoncv", batchSize: 32, lastBatch: "roll-over" },
  optimizer: { name: "sgd", learningRate: 0.001, momentum: 0.9, weightDecay: 5e-4 },
  schedule: { name: "multi-step", epochs: 240, milestones: [160, 200] },
  fromScratch: {}, // it starts from VGG16 trained on ImageNet; without that nothing is known to be better
  reference: { detector: { postprocess: { clip: "none" } }, data: { augmentation: "gluoncv-reference" } },
} satisfies Partial<RecipeInput>;

const voc = {
  ...training,
  evaluation: { protocol: "voc07" },
} satisfies Partial<RecipeInput>;

const coco = {
  ...training,
  evaluation: { protocol: "coco", everyEpochs: 10 },
} satisfies Partial<RecipeInput>;

const onCoco = "the published file: from VGG16 trained on ImageNet";
const onVoc = `${onCoco}, on VOC2007 and 2012`;

export const gluoncvRecipes: readonly RecipeInput[] = [
  {
    name: "ssd300-vgg16-atrous-voc",
    source: "GluonCV ssd_300_vgg16_atrous_voc",
    description: "SSD on VGG16 at 300 × 300 for Pascal VOC, every object with an anchor of its own",
    expected: { protocol: "voc07", map: 77.6, on: "VOC2007 test", by: onVoc },
    facts: { classes: 20, parameters: 26_285_486, anchors: 8732 },
    detector: ssd(300, voc300),
    ...voc,
  },
  {
    name: "ssd300-vgg16-atrous-coco",
    source: "GluonCV ssd_300_vgg16_atrous_coco",
    description: "SSD on VGG16 at 300 × 300 for COCO: smaller anchors",
    expected: { protocol: "coco", map: 25.1, on: "COCO val2017", by: onCoco },
    facts: { classes: 80, parameters: 34_305_206, anchors: 8732 },
    detector: ssd(300, coco300),
    ...coco,
  },
  {
    name: "ssd512-vgg16-atrous-voc",
    source: "GluonCV ssd_512_vgg16_atrous_voc",
    description: "SSD on VGG16 at 512 × 512 for Pascal VOC",
    expected: { protocol: "voc07", map: 79.2, on: "VOC2007 test", by: onVoc },
    facts: { classes: 20, parameters: 27_188_676, anchors: 24_564 },
    detector: ssd(512, both512),
    ...voc,
  },
  {
    name: "ssd512-vgg16-atrous-coco",
    source: "GluonCV ssd_512_vgg16_atrous_coco",
    description: "SSD on VGG16 at 512 × 512 for COCO",
    expected: { protocol: "coco", map: 28.9, on: "COCO val2017", by: onCoco },
    facts: { classes: 80, parameters: 36_038_196, anchors: 24_564 },
    detector: ssd(512, both512),
    ...coco,
  },
  {
    name: "ssd512-helmet",
    source: "GluonCV ssd_512_vgg16_atrous, fine-tuned for safety helmets (VOC2028)",
    description: "Helmets and bare heads on building sites: SSD on VGG16 at 512 × 512",
    facts: { classes: 2, parameters: 24_533_820, anchors: 24_564 },
    detector: ssd(512, both512),
    ...training,
    data: { ...training.data, batchSize: 8 },
    optimizer: { name: "sgd", learningRate: 5e-4, momentum: 0.9, weightDecay: 5e-4 },
    schedule: { name: "multi-step", epochs: 100, milestones: [60, 80] },
    evaluation: { protocol: "voc", everyEpochs: 5 },
  },
];

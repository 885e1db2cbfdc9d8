import type { RecipeInput } from "./schema.js";

type Shape = [width: number, height: number];
type DetectorInput = RecipeInput["detector"];

const FIRST_STRIDE = 8;

/** The shapes of the finest level, twice as large on every next; the first stand on the picture's border. */
function anchors(levels: number, finest: readonly Shape[]): DetectorInput["anchors"] {
  const level = (k: number) => ({
    shapes: finest.map(([width, height]): Shape => [width * 2 ** k, height * 2 ** k]),
    step: FIRST_STRIDE * 2 ** k,
  });
  return { unit: "pixel", center: 0, keeps: "centers", levels: Array.from({ length: levels }, (_, k) => level(k)) };
}

const tutorialShapes: Shape[] = [
  [28, 28],
  [39.6, 19.8],
  [19.8, 39.6],
];
const third = [1, 1.26, 1.5875]; // an octave in three steps
const modernShapes = [
  [32, 32],
  [45.25, 22.63],
  [22.63, 45.25],
].flatMap(([width, height]) => third.map((scale): Shape => [width! * scale, height! * scale]));

const imagenet: DetectorInput["normalization"] = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const letterbox = (side: number): DetectorInput["input"] => ({
  ...{ resize: "letterbox", width: side, height: side, fill: [0, 0, 0] },
  interpolation: "antialias", // as Pillow
});
const sgd: RecipeInput["optimizer"] = { name: "sgd", learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 };
const focal = { name: "focal", alpha: 0.25, gamma: 2 } as const;

const scratch: RecipeInput = {
  name: "retinanet-scratch",
  source: "the tutorial RetinaNet from scratch, xytpai.github.io 4a7f811",
  description: "RetinaNet at 257 × 257 as a tutorial writes it out, with three anchors a cell; wants a pretrained extractor",
  facts: { classes: 20, parameters: 36_080_752, anchors: 4452 },
  reference: {
    detector: {
      input: { resize: "stretch", width: 257, height: 257, interpolation: "antialias" },
      matcher: { emptyPicture: "ignored" }, // which teaches nothing, and ends the original's training where no picture has a box
      postprocess: { scoreThreshold: 0.5, clipTo: "last-pixel" },
    },
    data: { augmentation: "retinanet-scratch-reference" },
  },
  detector: {
    network: { name: "retinanet-scratch" },
    input: letterbox(257),
    normalization: imagenet,
    scores: "sigmoid",
    anchors: anchors(4, tutorialShapes),
    coder: { weights: [1, 1, 1, 1], order: "yxhw" },
    matcher: { foreground: 0.5, foregroundInclusive: false, background: 0.3, claim: "best", claimOverrides: false },
    loss: { classification: focal, regression: { name: "smooth-l1" }, normalizer: "batch" },
    postprocess: {
      scoreThreshold: 0.05, // mAP counts weak detections too; for pictures the original takes 0.5: `predict --score 0.5`
      candidates: { bestClassOnly: true },
      nms: { iouThreshold: 0.5, classAgnostic: true },
      clip: "after-nms",
    },
  },
  data: { augmentation: "retinanet-scratch", batchSize: 30, lastBatch: "keep", difficult: "skip" }, // which its lists do not have
  optimizer: sgd,
  schedule: { name: "constant", epochs: 200 },
  evaluation: { protocol: "voc" },
};

/**
 * As its author trained it on VOC2007 and 2012, which gave an AP50 of 79.1 on VOC2007 test. One thing is otherwise, so the number is not
 * this recipe's: there, anchors whose centre lies beside the picture, on the black border, are ignored in training and silent in use; here
 * they are background like any other.
 */
const modern: RecipeInput = {
  name: "retinanet-scratch-modern",
  source: "the author's later repository, github.com/xytpai/retinanet",
  description: "RetinaNet at 641 × 641 with five levels of nine anchors, for Pascal VOC; wants a pretrained extractor",
  facts: { classes: 20, parameters: 38_772_992, anchors: 79_560 },
  fromScratch: { training: { freeze: 0, freezeBatchNorm: false } },
  detector: {
    network: {
      name: "retinanet-scratch",
      levels: 5,
      smoothP5: true,
      activateMaps: false,
      towerDepth: 4,
    },
    input: letterbox(641),
    normalization: imagenet,
    scores: "sigmoid",
    anchors: anchors(5, modernShapes),
    coder: { regress: "corners", order: "yxhw" },
    matcher: { foreground: 0.5, background: 0.4, claim: "none" },
    loss: {
      classification: focal,
      regression: { name: "smooth-l1", beta: 0.11 },
      normalizer: "image",
      minPositives: 5,
    },
    postprocess: {
      scoreThreshold: 0.05,
      candidates: { per: "image", count: 3000, bestClassOnly: true },
      nms: { iouThreshold: 0.5, classAgnostic: true },
      clip: "after-nms",
    },
  },
  data: {
    // `retinanet-scratch-later` turns pictures too
    augmentation: [
      { step: "interpolation", kinds: ["antialias"] },
      { step: "flip" },
      { step: "scale-and-place" },
      { step: "small-boxes", area: 32 },
    ],
    difficult: "skip", // its lists have none
    batchSize: 28, // 4 processes × 7
  },
  optimizer: sgd,
  schedule: {
    name: "multi-step",
    epochs: 30,
    milestones: [20, 27], // the steps of its COCO runs, two thirds and eight ninths of the way
    warmupSteps: 500,
    warmupFactor: 1 / 3,
  },
  training: { clipGradNorm: 3, freezeBatchNorm: true, freeze: 2 }, // the stem and the first stage stay as ImageNet taught them
  evaluation: { protocol: "voc" },
};

export const retinanetScratchRecipes: readonly RecipeInput[] = [scratch, modern];

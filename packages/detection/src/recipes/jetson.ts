import { InputError } from "@singleshot/vision";
import type { RecipeInput } from "./schema.js";

type DetectorInput = RecipeInput["detector"];

/** What the anchors of a network are made of. */
interface Priors {
  /** Ratios of each map. */
  ratios: number[][];
  /** Pixels between the centres at 300 × 300, as written by hand. */
  steps: number[];
  /** Sides at 300 × 300 in pixels: of each map, and one more. */
  sides: number[];
}

const mobile: Priors = {
  ratios: Array.from({ length: 6 }, () => [2, 3]),
  steps: [16, 32, 64, 100, 150, 300],
  sides: [60, 105, 150, 195, 240, 285, 330],
};
const vgg: Priors = {
  ratios: [[2], [2, 3], [2, 3], [2, 3], [2], [2]],
  steps: [8, 16, 32, 64, 100, 300],
  sides: [30, 60, 111, 162, 213, 264, 315],
};

/** Sides at every other resolution, in per cent of it. */
const percents = [10, 20, 37, 54, 71, 88, 105];

/** Of grey levels from 0 to 255. */
const grey = (mean: [number, number, number], std: number): DetectorInput["normalization"] => ({
  mean: [mean[0] / 255, mean[1] / 255, mean[2] / 255],
  std: [std / 255, std / 255, std / 255],
});

const mobileColors = { normalization: grey([127, 127, 127], 128), augmentation: "jetson" as const };

interface Net {
  priors: Priors;
  normalization: DetectorInput["normalization"];
  /** Enlarged pictures are filled with the network's mean. */
  augmentation: "jetson" | "jetson-vgg16";
  /** The resolution at which the last map still has a cell. */
  smallest: number;
}

const nets = {
  "mb1-ssd": { priors: mobile, ...mobileColors, smallest: 1 },
  "mb1-ssd-lite": { priors: mobile, ...mobileColors, smallest: 1 },
  "mb2-ssd-lite": { priors: mobile, ...mobileColors, smallest: 1 },
  "sq-ssd-lite": { priors: mobile, ...mobileColors, smallest: 31 },
  "vgg16-ssd": { priors: vgg, normalization: grey([123, 117, 104], 1), augmentation: "jetson-vgg16", smallest: 268 },
} satisfies Record<string, Net>;

/** pytorch-ssd's networks by their names on its command line. */
export type JetsonNet = keyof typeof nets;

export interface JetsonOptions {
  /** Side of the input in pixels. */
  resolution?: number;
  /** Multiplies the channels of mb2-ssd-lite; the others have none. */
  width?: number;
}

/**
 * A detector of pytorch-ssd at any resolution: at 300 with the priors written by hand, else by the rule that the original has for
 * mb1-ssd alone (`set_image_size`), which leaves the other networks at 300 whatever is asked for.
 *
 * @throws InputError for a resolution at which the network has no last map
 */
export function jetsonDetector(net: JetsonNet, { resolution = 300, width }: JetsonOptions = {}): DetectorInput {
  const { priors, normalization, smallest } = nets[net];
  if (resolution < smallest)
    throw new InputError(`${net} has no last map at ${resolution} × ${resolution}`, { fix: `its smallest resolution is ${smallest}` });
  return {
    network: net === "mb2-ssd-lite" ? { name: net, width } : { name: net },
    input: { resize: "stretch", width: resolution, height: resolution },
    normalization,
    anchors: { levels: resolution === 300 ? byHand(priors) : byRule(priors), clip: "boxes", keeps: "centers" },
    coder: { center: "mean" }, // variances 0.1 and 0.2; sides grow without limit
    matcher: { iouEpsilon: 1e-5 },
    postprocess: {
      scoreThreshold: 0.01,
      candidates: { per: "class", count: 200 },
      nms: { iouThreshold: 0.45, epsilon: 1e-5 },
      clip: "after-nms",
    },
  };
}

const byHand = ({ ratios, steps, sides }: Priors) =>
  ratios.map((own, k) => ({ scale: sides[k]! / 300, nextScale: sides[k + 1]! / 300, ratios: own, step: steps[k]! }));

const byRule = ({ ratios }: Priors) =>
  ratios.map((own, k) => ({ scale: percents[k]! / 100, nextScale: percents[k + 1]! / 100, ratios: own, step: "ceil" as const }));

/** The defaults of train_ssd.py. Its cosine has a period of 100 epochs whatever their number: `reference` puts that back. */
const training = {
  optimizer: { name: "sgd", learningRate: 0.01, backboneLearningRate: 0.001, momentum: 0.9, weightDecay: 5e-4 },
  fromScratch: { optimizer: { backboneLearningRate: 0.01 } },
  schedule: { name: "cosine", epochs: 30 },
  evaluation: { protocol: "voc07" },
} satisfies Partial<RecipeInput>;

const recipe = (net: JetsonNet, rest: Pick<RecipeInput, "description" | "facts"> & Partial<RecipeInput>): RecipeInput => ({
  name: net,
  source: `pytorch-ssd train_ssd.py --net=${net}`,
  detector: jetsonDetector(net),
  data: { augmentation: nets[net].augmentation, batchSize: 4, difficult: "skip" },
  reference: {
    detector: { postprocess: { clip: "none" } },
    data: { augmentation: `${nets[net].augmentation}-reference`, lastBatch: "keep" },
    schedule: { period: 100 },
  },
  ...training,
  ...rest,
});

export const jetsonRecipes: readonly RecipeInput[] = [
  recipe("mb1-ssd", {
    description: "SSD on MobileNetV1 at 300 × 300, the detector that a Jetson runs",
    expected: {
      protocol: "voc07",
      map: 67.55,
      on: "VOC2007 test",
      by: "the published file: from MobileNetV1 trained on ImageNet, on VOC2007 and 2012, 24 pictures a step, 200 epochs",
    },
    facts: { classes: 20, parameters: 9_468_996, anchors: 3000 },
  }),
  recipe("mb1-ssd", {
    name: "mb1-ssd-512",
    source: "pytorch-ssd train_ssd.py --net=mb1-ssd --resolution=512",
    description: "SSD on MobileNetV1 at 512 × 512, for smaller things",
    facts: { classes: 20, parameters: 9_468_996, anchors: 8190 },
    detector: jetsonDetector("mb1-ssd", { resolution: 512 }),
  }),
  recipe("mb1-ssd-lite", {
    description: "SSD on MobileNetV1 at 300 × 300 with depthwise heads: half the parameters",
    facts: { classes: 20, parameters: 4_312_388, anchors: 3000 },
  }),
  recipe("mb2-ssd-lite", {
    description: "SSDLite on MobileNetV2 at 300 × 300, in any width",
    facts: { classes: 20, parameters: 3_388_228, anchors: 3000 },
  }),
  recipe("sq-ssd-lite", {
    description: "SSD on SqueezeNet 1.1 at 300 × 300 with depthwise heads, the smallest of the five",
    facts: { classes: 20, parameters: 1_875_268, anchors: 2568 },
  }),
  recipe("vgg16-ssd", {
    description: "SSD on VGG16 at 300 × 300, with batch norm on conv4_3",
    facts: { classes: 20, parameters: 26_285_998, anchors: 8732 },
  }),
];

import type { AugmentationStep } from "./presets.js";
import type { Color } from "./steps/index.js";

type Plan = AugmentationStep[];

const pytorchSsd = (mean: Color, crop: AugmentationStep): Plan => [
  { step: "float-photometric" },
  { step: "zoom-out", fill: mean, places: "fractional" },
  crop,
  { step: "flip" },
];
const MOBILENET_MEAN = [127, 127, 127] as const;
const VGG_MEAN = [123, 117, 104] as const;
const PAPERS_CROP: AugmentationStep = { step: "iou-crop", trials: 50 };

const gluoncv = (hueUnit: "degrees" | "half-turns", objects: "all" | "some"): Plan => [
  { step: "float-photometric", space: "yiq", pChannels: 0, hueUnit },
  { step: "zoom-out", fill: [123.675, 116.28, 103.53], places: "inclusive" },
  { step: "constrained-crop", objects },
  { step: "interpolation" },
  { step: "flip" },
];

/** As Pillow and torchvision's transforms make pixels smaller. */
const ANTIALIAS: AugmentationStep = { step: "interpolation", kinds: ["antialias"] };

const AREA_ABOVE_25: AugmentationStep = { step: "small-boxes", area: 25 };

/** Switches of sparrow's `aug_cfg`. */
export interface SparrowOptions {
  color?: boolean;
  flip?: boolean;
  rotate?: boolean;
  degrees?: number;
  scale?: boolean;
  scaleRange?: readonly [low: number, high: number];
  /** in pixels of the network's input */
  minBoxSize?: number;
  /** geometry to the half pixel as in the original */
  reference?: boolean;
}

/** sparrow's augmentation with some of its parts switched off. */
export function sparrowAugmentation(options: SparrowOptions = {}): Plan {
  const { color = true, flip = true, rotate = true, degrees = 15, scale = true, scaleRange = [0.75, 1.25], minBoxSize = 2 } = options;
  const geometry: AugmentationStep = {
    step: "affine",
    scale: scale ? scaleRange : [1, 1],
    degrees: rotate ? degrees : 0,
    flip: flip ? 0.5 : 0,
    reference: options.reference ?? false,
  };
  return [geometry, ...(color ? [{ step: "hsv-jitter" } as const] : []), { step: "small-boxes", side: minBoxSize }];
}

/** The augmentations that recipes name. What ends in `-reference` repeats its original's slips, for comparisons. */
export const augmentationPresets = {
  eval: [],

  // torchvision's detection reference
  hflip: [{ step: "flip" }],
  ssd: [{ step: "photometric" }, { step: "zoom-out" }, { step: "iou-crop" }, { step: "flip" }],
  ssdlite: [{ step: "iou-crop" }, { step: "flip" }],
  lsj: [ANTIALIAS, { step: "large-scale-jitter" }, { step: "flip" }],
  "lsj-reference": [ANTIALIAS, { step: "large-scale-jitter", corner: "diagonal" }, { step: "flip" }],
  multiscale: [ANTIALIAS, { step: "flip" }], // the sizes are drawn where the input has several

  // pytorch-ssd on the Jetson; the mean is the network's
  jetson: pytorchSsd(MOBILENET_MEAN, PAPERS_CROP),
  "jetson-vgg16": pytorchSsd(VGG_MEAN, PAPERS_CROP),
  "jetson-reference": pytorchSsd(MOBILENET_MEAN, { step: "sample-crop" }),
  "jetson-vgg16-reference": pytorchSsd(VGG_MEAN, { step: "sample-crop" }),

  // GluonCV; `paper` crops by any object instead of all
  gluoncv: gluoncv("degrees", "all"),
  "gluoncv-paper": gluoncv("degrees", "some"),
  "gluoncv-reference": gluoncv("half-turns", "all"),

  sparrow: sparrowAugmentation(),
  "sparrow-reference": sparrowAugmentation({ reference: true }),

  // RetinaNet from scratch: the tutorial, its later repository, and the classifier it begins with
  "retinanet-scratch": [ANTIALIAS, { step: "flip" }, { step: "area-crop" }, AREA_ABOVE_25],
  "retinanet-scratch-reference": [ANTIALIAS, { step: "flip" }, { step: "area-crop", reference: true }, AREA_ABOVE_25],
  "retinanet-scratch-later": [
    ANTIALIAS,
    { step: "flip" },
    { step: "affine", degrees: 5, scale: [1, 1], fill: [0, 0, 0] },
    { step: "scale-and-place" },
    { step: "small-boxes", area: 32 },
  ],
  "retinanet-scratch-pretrain": [
    ANTIALIAS,
    { step: "flip" },
    { step: "area-crop", area: [0.53, 1] },
    {
      ...{ step: "photometric", p: 1, pChannels: 0 },
      ...{ brightness: [0.97, 1.03], contrast: [0.97, 1.03], saturation: [0.97, 1.03], hue: [-0.03, 0.03] },
    },
  ],

  // pictures that have no upper side
  microscope: [{ step: "photometric", hue: [-0.02, 0.02] }, { step: "scale-jitter" }, { step: "flip" }, { step: "rotate" }],
} satisfies Record<string, Plan>;

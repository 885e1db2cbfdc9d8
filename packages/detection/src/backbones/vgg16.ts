import { nn, ops } from "@singleshot/torch";
import { type Classifier, type ClassifierOptions, TrunkClassifier } from "./classifier.js";
import { initializeConvs, initializeLinears } from "./initialize.js";
import type { Trunk } from "./trunk.js";

/** Output channels of the 3 × 3 convolutions of each stage; a pooling that halves the map ends every stage. */
const stages = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
] as const;

/** Overwrites what the convolution before it gave: the convolution's backward does not need that. */
const reluInPlace = () => nn.layer((map) => map.relu_());

/** A convolution of which the ReLU is the next layer. */
export const convRelu = (...args: ConstructorParameters<typeof nn.Conv2d>): nn.Layer[] => [new nn.Conv2d(...args), reluInPlace()];

/** Conv, ReLU, conv, ReLU (…) of the five stages, without the poolings between them. Stage i has stride 2^i. */
export function vgg16Stages(): nn.Layer[][] {
  return stages.map((widths, s) =>
    widths.flatMap((out, i) => convRelu(i > 0 ? widths[i - 1]! : s > 0 ? stages[s - 1]!.at(-1)! : 3, out, 3, { padding: 1 })),
  );
}

export interface Vgg16Options {
  /** The poolings, counted from 1, that round an odd side up instead of down: SSD's third, GluonCV's all. */
  ceil?: readonly number[];
}

/**
 * VGG16's 31 layers up to the fifth pooling, numbered as in torchvision's `features.<i>`: convolutions 0, 2, 5, 7, 10, 12, 14, 17, 19,
 * 21, 24, 26, 28, each with its ReLU behind it; poolings 4, 9, 16, 23, 30.
 * @see Simonyan & Zisserman 2014, configuration D (arXiv:1409.1556)
 */
export function vgg16Trunk({ ceil = [] }: Vgg16Options = {}): Trunk {
  const pieces = vgg16Stages().map((stage, s) => [...stage, nn.maxPool2d(2, { ceilMode: ceil.includes(s + 1) })]);
  return {
    layers: pieces.flat(),
    channels: pieces.flatMap((piece, s) => piece.map(() => stages[s]![0])),
    strides: pieces.flatMap((piece, s) => piece.map((_, i) => (i < piece.length - 1 ? 2 ** s : 2 ** (s + 1)))),
  };
}

/**
 * The fully connected layers 6 and 7 as convolutions with holes, four layers: conv, ReLU, conv, ReLU; [N, 512, H, W] → [N, 1024, H, W].
 * @see Liu et al. 2016, §3 (arXiv:1512.02325)
 */
export const fc6Fc7 = (): nn.Layer[] => [...convRelu(512, 1024, 3, { padding: 6, dilation: 6 }), ...convRelu(1024, 1024, 1)];

/** VGG16 for classification; keys and start as torchvision's `vgg16`. */
export function vgg16({ classes }: ClassifierOptions): Classifier {
  const relu = reluInPlace;
  const trunk = vgg16Trunk();
  const head = new nn.Sequential([
    new nn.Linear(512 * 7 * 7, 4096),
    relu(),
    new nn.Dropout(0.5),
    new nn.Linear(4096, 4096),
    relu(),
    new nn.Dropout(0.5),
    new nn.Linear(4096, classes),
  ]);
  const net = new TrunkClassifier(trunk, { pool: (map) => ops.adaptiveAvgPool2d(map, [7, 7]).flatten({ startDim: 1 }), head });
  return initializeLinears(initializeConvs(net, nn.init.kaimingNormal_));
}

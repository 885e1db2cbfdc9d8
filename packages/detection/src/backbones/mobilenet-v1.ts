import { nn } from "@singleshot/torch";
import { flatLayout } from "./block-layout.js";
import { type Classifier, type ClassifierOptions, globalAverage, TrunkClassifier } from "./classifier.js";
import { convNorm } from "./conv-norm.js";
import type { Trunk } from "./trunk.js";

/** The paper's table 1 behind the stem: channels and stride of each depthwise separable block. */
const blockRows: [channels: number, stride: number][] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/** Depthwise 3 × 3 and pointwise, each with batch norm and ReLU: children 0, 1, (2), 3, 4, (5). */
const separableBlock = (inChannels: number, outChannels: number, stride: number): nn.Sequential =>
  flatLayout([
    convNorm(inChannels, inChannels, { kernel: 3, stride, groups: inChannels, activation: "relu" }),
    convNorm(inChannels, outChannels, { kernel: 1, activation: "relu" }),
  ]);

/**
 * 14 layers, the stem and 13 depthwise separable blocks, started as PyTorch starts them; numbered as in Jetson's `base_net.<i>`.
 * @see Howard et al. 2017 (arXiv:1704.04861)
 */
export function mobileNetV1Trunk({ width = 1 }: { width?: number } = {}): Trunk {
  const wide = (channels: number) => Math.trunc(channels * width);
  const channels = [wide(32), ...blockRows.map(([out]) => wide(out))];
  const strides = [2];
  for (const [, stride] of blockRows) strides.push(strides.at(-1)! * stride);
  return {
    layers: [
      convNorm(3, channels[0]!, { kernel: 3, stride: 2, activation: "relu" }),
      ...blockRows.map(([, stride], i) => separableBlock(channels[i]!, channels[i + 1]!, stride)),
    ],
    channels,
    strides,
  };
}

/** MobileNetV1 for classification. torchvision has none: keys are Jetson's under `features.<i>`, then one linear layer `classifier`. */
export function mobileNetV1({ classes, width = 1 }: ClassifierOptions): Classifier {
  const trunk = mobileNetV1Trunk({ width });
  return new TrunkClassifier(trunk, { pool: globalAverage, head: new nn.Linear(trunk.channels.at(-1)!, classes) });
}

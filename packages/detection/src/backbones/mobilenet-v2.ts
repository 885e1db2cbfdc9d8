import { nn, type Tensor } from "@singleshot/torch";
import { type BlockLayout, flatLayout, nestedLayout } from "./block-layout.js";
import { type Classifier, type ClassifierOptions, globalAverage, TrunkClassifier } from "./classifier.js";
import { convNorm } from "./conv-norm.js";
import { initializeConvs, initializeLinears } from "./initialize.js";
import { makeDivisible } from "./make-divisible.js";
import type { Trunk } from "./trunk.js";

export interface LinearBottleneckOptions {
  /** Channels in between; where as many come in, the block does not expand. */
  hidden: number;
  stride?: number;
  layout?: BlockLayout;
}

/**
 * Expand, depthwise 3 × 3, project without an activation; added to the input where the shapes agree.
 * @see Sandler et al. 2018, table 1 (arXiv:1801.04381)
 */
export class LinearBottleneck extends nn.Layer {
  readonly conv: nn.Sequential;
  /** Channels of the expansion. */
  readonly hidden: number;
  readonly #expansion: nn.Layer;
  readonly #projection: nn.Layer;
  readonly #residual: boolean;

  constructor(inChannels: number, outChannels: number, { hidden, stride = 1, layout = nestedLayout }: LinearBottleneckOptions) {
    super();
    const expansion = hidden === inChannels ? [] : [convNorm(inChannels, hidden, { kernel: 1, activation: "relu6" })];
    const projection = [
      convNorm(hidden, hidden, { kernel: 3, stride, groups: hidden, activation: "relu6" }),
      convNorm(hidden, outChannels, { kernel: 1 }),
    ];
    this.conv = layout([...expansion, ...projection]);
    this.hidden = hidden;
    this.#expansion = new nn.Sequential(expansion);
    this.#projection = new nn.Sequential(projection);
    this.#residual = stride === 1 && inChannels === outChannels;
  }

  /** [N, in, H, W] → [N, hidden, H, W]: a map that detectors like to take, wide and not yet strided. */
  expand(input: Tensor): Tensor {
    return this.#expansion.forward(input);
  }

  /** What remains of the block behind `expand`, without the addition: [N, hidden, H, W] → [N, out, H / stride, W / stride]. */
  project(expanded: Tensor): Tensor {
    return this.#projection.forward(expanded);
  }

  forward(input: Tensor): Tensor {
    const output = this.project(this.expand(input));
    return this.#residual ? output.add_(input) : output; // in place: a batch norm's backward does not need its output
  }
}

/** The paper's table 2: expansion factor, channels, blocks, stride of the first. */
const stageRows: [factor: number, channels: number, blocks: number, stride: number][] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** What the systems do differently with the same network. */
const styles = {
  torchvision: { round: (channels: number) => makeDivisible(channels), layout: nestedLayout },
  jetson: { round: Math.trunc, layout: flatLayout },
  sparrow: { round: (channels: number) => Math.max(8, Math.floor(channels + 0.5)), layout: nestedLayout },
};

export interface MobileNetV2Options {
  width?: number;
  /** Rounding of channels and numbering of layers. */
  style?: keyof typeof styles;
}

export interface MobileNetV2Stages {
  stem: nn.Sequential;
  stages: LinearBottleneck[][];
  /** Channels and stride of the stem and behind every stage. */
  channels: number[];
  strides: number[];
}

/** The stem and the seven stages, without the last convolution. */
export function mobileNetV2Stages({ width = 1, style = "torchvision" }: MobileNetV2Options = {}): MobileNetV2Stages {
  const { round, layout } = styles[style];
  const channels = [round(32 * width), ...stageRows.map(([, out]) => round(out * width))];
  const stages = stageRows.map(([factor, , blocks, stride], s) =>
    Array.from({ length: blocks }, (_, i) => {
      const inChannels = channels[i === 0 ? s : s + 1]!;
      return new LinearBottleneck(inChannels, channels[s + 1]!, { hidden: inChannels * factor, stride: i === 0 ? stride : 1, layout });
    }),
  );
  const strides = [2];
  for (const [, , , stride] of stageRows) strides.push(strides.at(-1)! * stride);
  return { stem: convNorm(3, channels[0]!, { kernel: 3, stride: 2, activation: "relu6" }), stages, channels, strides };
}

/** 19 layers: the stem, 17 blocks, the last convolution; keys as torchvision's `features.<i>`, or Jetson's `base_net.<i>`. */
export function mobileNetV2Trunk({ width = 1, style = "torchvision" }: MobileNetV2Options = {}): Trunk {
  const { stem, stages, channels, strides } = mobileNetV2Stages({ width, style });
  const last = styles[style].round(1280 * Math.max(1, width));
  const behindBlocks = (values: number[]) => [values[0]!, ...stages.flatMap((stage, s) => stage.map(() => values[s + 1]!))];
  return {
    layers: [stem, ...stages.flat(), convNorm(channels.at(-1)!, last, { kernel: 1, activation: "relu6" })],
    channels: [...behindBlocks(channels), last],
    strides: [...behindBlocks(strides), strides.at(-1)!],
  };
}

/** MobileNetV2 for classification; keys and start as torchvision's `mobilenet_v2`. */
export function mobileNetV2({ classes, width = 1 }: ClassifierOptions): Classifier {
  const trunk = mobileNetV2Trunk({ width });
  const head = new nn.Sequential([new nn.Dropout(0.2), new nn.Linear(trunk.channels.at(-1)!, classes)]);
  const net = new TrunkClassifier(trunk, { pool: globalAverage, head });
  return initializeLinears(initializeConvs(net, nn.init.kaimingNormal_));
}

import { nn, type Tensor } from "@singleshot/torch";
import { type Classifier, type ClassifierOptions, globalAverage, TrunkClassifier } from "./classifier.js";
import { type ConvNormOptions, convNorm } from "./conv-norm.js";
import { initializeConvs, initializeLinears } from "./initialize.js";
import { makeDivisible } from "./make-divisible.js";
import type { Trunk } from "./trunk.js";

/** One row of the paper's table 1, before the width multiplier. */
interface BlockRow {
  kernel: number;
  expanded: number;
  out: number;
  squeeze: boolean;
  activation: "relu" | "hardswish";
  stride: 1 | 2;
}

const row = (
  kernel: number,
  expanded: number,
  out: number,
  squeeze: boolean,
  activation: BlockRow["activation"],
  stride: 1 | 2,
): BlockRow => ({
  kernel,
  expanded,
  out,
  squeeze,
  activation,
  stride,
});

/** `tail` divides the channels from the last stride on: 2 is the detector's "reduced tail". */
const largeBlocks = (tail: 1 | 2): BlockRow[] => [
  row(3, 16, 16, false, "relu", 1),
  row(3, 64, 24, false, "relu", 2), // C1
  row(3, 72, 24, false, "relu", 1),
  row(5, 72, 40, true, "relu", 2), // C2
  row(5, 120, 40, true, "relu", 1),
  row(5, 120, 40, true, "relu", 1),
  row(3, 240, 80, false, "hardswish", 2), // C3
  row(3, 200, 80, false, "hardswish", 1),
  row(3, 184, 80, false, "hardswish", 1),
  row(3, 184, 80, false, "hardswish", 1),
  row(3, 480, 112, true, "hardswish", 1),
  row(3, 672, 112, true, "hardswish", 1),
  row(5, 672, 160 / tail, true, "hardswish", 2), // C4
  row(5, 960 / tail, 160 / tail, true, "hardswish", 1),
  row(5, 960 / tail, 160 / tail, true, "hardswish", 1),
];

/** Squeeze and excitation: scales each channel by what the whole picture says. Hu et al. 2018. */
class SqueezeExcitation extends nn.Layer {
  readonly fc1: nn.Conv2d;
  readonly fc2: nn.Conv2d;

  constructor(channels: number, squeezed: number) {
    super();
    this.fc1 = new nn.Conv2d(channels, squeezed, 1);
    this.fc2 = new nn.Conv2d(squeezed, channels, 1);
  }

  forward(input: Tensor): Tensor {
    const summary = input.mean([2, 3], { keepdim: true });
    return input.mul(this.fc2.forward(this.fc1.forward(summary).relu()).hardsigmoid());
  }
}

/** Expand, depthwise, squeeze and excite, project; what does not apply is left out, and with it its number. */
export class InvertedResidual extends nn.Layer {
  readonly block: nn.Sequential;
  readonly #residual: boolean;

  constructor(inChannels: number, row: BlockRow, norm: ConvNormOptions["norm"] = {}) {
    super();
    const { kernel, expanded, out, squeeze, stride, activation } = row;
    this.block = new nn.Sequential([
      ...(expanded === inChannels ? [] : [convNorm(inChannels, expanded, { kernel: 1, norm, activation })]),
      convNorm(expanded, expanded, { kernel, stride, groups: expanded, norm, activation }),
      ...(squeeze ? [new SqueezeExcitation(expanded, makeDivisible(expanded / 4))] : []),
      convNorm(expanded, out, { kernel: 1, norm }),
    ]);
    this.#residual = stride === 1 && inChannels === out;
  }

  forward(input: Tensor): Tensor {
    const output = this.block.forward(input);
    return this.#residual ? output.add_(input) : output; // in place: a batch norm's backward does not need its output
  }
}

export interface MobileNetV3Options {
  width?: number;
  reducedTail?: boolean;
  norm?: { eps?: number; momentum?: number };
}

export interface MobileNetV3Layers extends Trunk {
  /** Numbers of the layers that halve the resolution: stem, C1 to C4. */
  strided: number[];
}

/**
 * The 17 layers of MobileNetV3-Large, stem, 15 blocks and last convolution, [N, 3, H, W] → [N, C, H / 32, W / 32].
 * @see Howard et al. 2019, table 1 (arXiv:1905.02244); state-dict keys as torchvision's `features.<i>`
 */
export function mobileNetV3Large({
  width = 1,
  reducedTail = false,
  norm = { eps: 1e-3, momentum: 0.01 },
}: MobileNetV3Options = {}): MobileNetV3Layers {
  const wide = (channels: number) => makeDivisible(channels * width);
  const rows = largeBlocks(reducedTail ? 2 : 1).map((r) => ({ ...r, expanded: wide(r.expanded), out: wide(r.out) }));
  const stem = wide(16);
  const channels = [stem, ...rows.map((r) => r.out), 6 * rows.at(-1)!.out];
  const blocks = rows.map((r, i) => new InvertedResidual(channels[i]!, r, norm));
  const strides = [2];
  for (const { stride } of rows) strides.push(strides.at(-1)! * stride);
  return {
    layers: [
      convNorm(3, stem, { kernel: 3, stride: 2, norm, activation: "hardswish" }),
      ...blocks,
      convNorm(rows.at(-1)!.out, 6 * rows.at(-1)!.out, { kernel: 1, norm, activation: "hardswish" }),
    ],
    channels,
    strides: [...strides, strides.at(-1)!],
    strided: [0, ...rows.flatMap((r, i) => (r.stride === 2 ? [i + 1] : []))],
  };
}

/** MobileNetV3-Large for classification; keys and start as torchvision's `mobilenet_v3_large`. */
export function mobileNetV3LargeClassifier({ classes, width = 1 }: ClassifierOptions): Classifier {
  const trunk = mobileNetV3Large({ width });
  const hidden = makeDivisible(1280 * width);
  const head = new nn.Sequential([
    new nn.Linear(trunk.channels.at(-1)!, hidden),
    nn.hardswish(),
    new nn.Dropout(0.2),
    new nn.Linear(hidden, classes),
  ]);
  const net = new TrunkClassifier(trunk, { pool: globalAverage, head });
  return initializeLinears(initializeConvs(net, nn.init.kaimingNormal_));
}

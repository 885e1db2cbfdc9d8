import { nn, ops, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { flatLayout } from "./block-layout.js";
import { type Classifier, type ClassifierOptions, globalAverage } from "./classifier.js";
import { convNorm } from "./conv-norm.js";

/** The paper's table 5, by width: channels of the three stages and of the last convolution. */
const widths = new Map<number, { stages: [number, number, number]; last: number }>([
  [0.5, { stages: [48, 96, 192], last: 1024 }],
  [1, { stages: [116, 232, 464], last: 1024 }],
  [1.5, { stages: [176, 352, 704], last: 1024 }],
  [2, { stages: [244, 488, 976], last: 2048 }],
]);

const STEM = 24;

/** Two maps of C channels into one of 2C, a channel of each by turns; channels-last maps stay so without another copy. */
function interleave(left: Tensor, right: Tensor): Tensor {
  const [rowsLeft, rowsRight] = [left, right].map((map) => map.permute([0, 2, 3, 1]));
  const pairs = ops.stack([rowsLeft!, rowsRight!], { dim: 4 }); // [N, H, W, C, 2]
  return pairs.flatten({ startDim: 3 }).permute([0, 3, 1, 2]);
}

const pointwise = (inChannels: number, outChannels: number) => convNorm(inChannels, outChannels, { kernel: 1, activation: "relu" });
const depthwise = (channels: number, stride: number) => convNorm(channels, channels, { kernel: 3, stride, groups: channels });

/** Half of the channels pass, half are worked on; with stride 2 all of them go both ways. The halves are shuffled. */
class ShuffleUnit extends nn.Layer {
  readonly branch1: nn.Sequential;
  readonly branch2: nn.Sequential;
  readonly #splits: boolean;

  constructor(inChannels: number, outChannels: number, stride: 1 | 2) {
    super();
    this.#splits = stride === 1;
    const half = outChannels / 2;
    this.branch1 = this.#splits ? new nn.Sequential([]) : flatLayout([depthwise(inChannels, stride), pointwise(inChannels, half)]);
    this.branch2 = flatLayout([pointwise(this.#splits ? half : inChannels, half), depthwise(half, stride), pointwise(half, half)]);
  }

  forward(input: Tensor): Tensor {
    const [left, right] = this.#splits ? input.chunk(2, { dim: 1 }) : [input, input];
    return interleave(this.branch1.forward(left!), this.branch2.forward(right!));
  }
}

const stage = (inChannels: number, outChannels: number, units: number): nn.Sequential =>
  new nn.Sequential(
    Array.from({ length: units }, (_, i) =>
      i === 0 ? new ShuffleUnit(inChannels, outChannels, 2) : new ShuffleUnit(outChannels, outChannels, 1),
    ),
  );

function rowOf(width: number) {
  const row = widths.get(width);
  if (!row) throw new InputError(`ShuffleNetV2 has no width ${width}`, { fix: `the paper's widths are ${[...widths.keys()].join(", ")}` });
  return row;
}

/** The stem and the three stages, which the classifier and the detectors' body share. */
abstract class Stages extends nn.Module {
  readonly conv1: nn.Sequential;
  readonly maxpool: nn.Layer;
  readonly stage2: nn.Sequential;
  readonly stage3: nn.Sequential;
  readonly stage4: nn.Sequential;

  constructor(width: number) {
    super();
    const [c2, c3, c4] = rowOf(width).stages;
    this.conv1 = convNorm(3, STEM, { kernel: 3, stride: 2, activation: "relu" });
    this.maxpool = nn.maxPool2d(3, { stride: 2, padding: 1 });
    this.stage2 = stage(STEM, c2, 4);
    this.stage3 = stage(c2, c3, 8);
    this.stage4 = stage(c3, c4, 4);
  }

  /** The maps behind the stages, of strides 8, 16, 32. */
  maps(images: Tensor): [s8: Tensor, s16: Tensor, s32: Tensor] {
    const s8 = this.stage2.forward(this.maxpool.forward(this.conv1.forward(images)));
    const s16 = this.stage3.forward(s8);
    return [s8, s16, this.stage4.forward(s16)];
  }
}

/**
 * ShuffleNetV2 as a detector's body, started as PyTorch starts its layers; keys as torchvision's.
 * @see Ma et al. 2018, table 5 (arXiv:1807.11164)
 * @throws InputError when the paper does not have the width
 */
export class ShuffleNetV2Body extends Stages {
  readonly channels: readonly number[];
  readonly strides = [8, 16, 32];

  constructor({ width = 1 }: { width?: number } = {}) {
    super(width);
    this.channels = rowOf(width).stages;
  }

  forward(images: Tensor): Tensor[] {
    return this.maps(images);
  }
}

/** ShuffleNetV2 that names a picture: [N, 3, H, W] → logits [N, classes]. */
class ShuffleNetV2 extends Stages {
  readonly conv5: nn.Sequential;
  readonly fc: nn.Linear;

  constructor({ classes, width = 1 }: ClassifierOptions) {
    super(width);
    const { stages, last } = rowOf(width);
    this.conv5 = pointwise(stages[2], last);
    this.fc = new nn.Linear(last, classes);
  }

  forward(images: Tensor): Tensor {
    return this.fc.forward(globalAverage(this.conv5.forward(this.maps(images)[2])));
  }
}

/** ShuffleNetV2 for classification; keys and start as torchvision's `shufflenet_v2_x1_0` and its other widths. */
export const shuffleNetV2 = (options: ClassifierOptions): Classifier => new ShuffleNetV2(options);

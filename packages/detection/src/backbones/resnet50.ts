import { nn, type Tensor } from "@singleshot/torch";
import type { Classifier, ClassifierOptions } from "./classifier.js";
import { initializeConvs } from "./initialize.js";

export interface ResNetNorm {
  /** frozen: statistics, weight and bias stay what the weights file says */
  norm?: "batch" | "frozen";
  eps?: number;
}

type NormLayer = nn.BatchNorm2d | nn.FrozenBatchNorm2d;

const makeNorm = (channels: number, activation: nn.Activation, { norm = "batch", eps = 1e-5 }: ResNetNorm): NormLayer =>
  norm === "frozen" ? new nn.FrozenBatchNorm2d(channels, { eps, activation }) : new nn.BatchNorm2d(channels, { eps, activation });

/** Narrow, 3 × 3 (which has the stride), widen fourfold; added to the input, which is projected where the shapes differ. */
class Bottleneck extends nn.Layer {
  readonly conv1: nn.Conv2d;
  readonly bn1: NormLayer;
  readonly conv2: nn.Conv2d;
  readonly bn2: NormLayer;
  readonly conv3: nn.Conv2d;
  readonly bn3: NormLayer;
  readonly downsample?: nn.Sequential;

  constructor(inChannels: number, middle: number, stride: number, norm: ResNetNorm) {
    super();
    const out = 4 * middle;
    this.conv1 = new nn.Conv2d(inChannels, middle, 1, { bias: false });
    this.bn1 = makeNorm(middle, "relu", norm);
    this.conv2 = new nn.Conv2d(middle, middle, 3, { stride, padding: 1, bias: false });
    this.bn2 = makeNorm(middle, "relu", norm);
    this.conv3 = new nn.Conv2d(middle, out, 1, { bias: false });
    this.bn3 = makeNorm(out, "none", norm);
    if (stride > 1 || inChannels !== out)
      this.downsample = new nn.Sequential([new nn.Conv2d(inChannels, out, 1, { stride, bias: false }), makeNorm(out, "none", norm)]);
  }

  forward(input: Tensor): Tensor {
    const narrow = this.bn1.forward(this.conv1.forward(input));
    const seen = this.bn2.forward(this.conv2.forward(narrow));
    const wide = this.bn3.forward(this.conv3.forward(seen)); // nobody else reads it, so it is added to in place
    return wide.add_(this.downsample?.forward(input) ?? input).relu_();
  }
}

function stage(inChannels: number, middle: number, blocks: number, stride: number, norm: ResNetNorm): nn.Sequential {
  const block = (i: number) => new Bottleneck(i === 0 ? inChannels : 4 * middle, middle, i === 0 ? stride : 1, norm);
  return new nn.Sequential(Array.from({ length: blocks }, (_, i) => block(i)));
}

/** The stem and the four stages, which the classifier and the detectors' body share. */
abstract class Stages extends nn.Module {
  readonly conv1: nn.Conv2d;
  readonly bn1: NormLayer;
  readonly maxpool: nn.Layer;
  readonly layer1: nn.Sequential;
  readonly layer2: nn.Sequential;
  readonly layer3: nn.Sequential;
  readonly layer4: nn.Sequential;

  constructor(norm: ResNetNorm = {}) {
    super();
    this.conv1 = new nn.Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false });
    this.bn1 = makeNorm(64, "relu", norm);
    this.maxpool = nn.maxPool2d(3, { stride: 2, padding: 1 });
    this.layer1 = stage(64, 64, 3, 1, norm);
    this.layer2 = stage(256, 128, 4, 2, norm);
    this.layer3 = stage(512, 256, 6, 2, norm);
    this.layer4 = stage(1024, 512, 3, 2, norm);
  }

  /** From the picture on, as they are frozen. */
  get stages(): nn.Module[][] {
    return [[this.conv1, this.bn1], [this.layer1], [this.layer2], [this.layer3], [this.layer4]];
  }

  /** C2 to C5, of strides 4, 8, 16, 32 and 256, 512, 1024, 2048 channels. */
  maps(images: Tensor): [c2: Tensor, c3: Tensor, c4: Tensor, c5: Tensor] {
    const c2 = this.layer1.forward(this.maxpool.forward(this.bn1.forward(this.conv1.forward(images))));
    const c3 = this.layer2.forward(c2);
    const c4 = this.layer3.forward(c3);
    return [c2, c3, c4, this.layer4.forward(c4)];
  }
}

/**
 * ResNet-50 as a detector's body; keys as in torchvision's `backbone.body`.
 * @see He et al. 2016, table 1 (arXiv:1512.03385), with the stride in the 3 × 3 convolution as torchvision has it
 */
export class ResNet50Body extends Stages {
  readonly channels = [256, 512, 1024, 2048];
  readonly strides = [4, 8, 16, 32];

  constructor(norm: ResNetNorm = {}) {
    super(norm);
    initializeConvs(this, nn.init.kaimingNormal_);
  }

  forward(images: Tensor): Tensor[] {
    return this.maps(images);
  }
}

/** ResNet-50 that names a picture, [N, 3, H, W] → logits [N, classes], and still has its maps. */
export class ResNet50 extends Stages {
  readonly avgpool: nn.Layer;
  readonly fc: nn.Linear;

  constructor({ classes }: { classes: number }) {
    super();
    this.avgpool = nn.adaptiveAvgPool2d(1);
    this.fc = new nn.Linear(2048, classes);
  }

  forward(images: Tensor): Tensor {
    return this.fc.forward(this.avgpool.forward(this.maps(images)[3]).flatten({ startDim: 1 }));
  }
}

/** ResNet-50 for classification; keys and start as torchvision's `resnet50`. */
export const resnet50 = ({ classes }: ClassifierOptions): Classifier => initializeConvs(new ResNet50({ classes }), nn.init.kaimingNormal_);

import { nn, ops, type Tensor } from "@singleshot/torch";
import { type Classifier, type ClassifierOptions, TrunkClassifier } from "./classifier.js";
import { initializeConvs } from "./initialize.js";
import type { Trunk } from "./trunk.js";

/** Squeeze by a 1 × 1 convolution, expand by a 1 × 1 and a 3 × 3 one side by side: [N, in, H, W] → [N, 2 · expanded, H, W]. */
class Fire extends nn.Layer {
  readonly squeeze: nn.Conv2d;
  readonly expand1x1: nn.Conv2d;
  readonly expand3x3: nn.Conv2d;

  constructor(inChannels: number, squeezed: number, expanded: number) {
    super();
    this.squeeze = new nn.Conv2d(inChannels, squeezed, 1);
    this.expand1x1 = new nn.Conv2d(squeezed, expanded, 1);
    this.expand3x3 = new nn.Conv2d(squeezed, expanded, 3, { padding: 1 });
  }

  forward(input: Tensor): Tensor {
    const squeezed = this.squeeze.forward(input).relu_();
    return ops.cat([this.expand1x1.forward(squeezed), this.expand3x3.forward(squeezed)], { dim: 1 }).relu_();
  }
}

export interface SqueezeNetOptions {
  /** Poolings round an odd side up, as torchvision's do; Jetson's round down. */
  ceil?: boolean;
}

/**
 * SqueezeNet 1.1's 13 layers, numbered as in torchvision's `features.<i>`: convolution (no padding), ReLU, poolings 2, 5 and 8, fires.
 * @see Iandola et al. 2016 (arXiv:1602.07360); 1.1 is the authors' later version with the poolings earlier
 */
export function squeezeNetTrunk({ ceil = true }: SqueezeNetOptions = {}): Trunk {
  const pool = () => nn.maxPool2d(3, { stride: 2, ceilMode: ceil });
  const rows: [layer: nn.Layer, channels: number, stride: number][] = [
    [new nn.Conv2d(3, 64, 3, { stride: 2 }), 64, 2],
    [nn.layer((map) => map.relu_()), 64, 2],
    [pool(), 64, 4],
    [new Fire(64, 16, 64), 128, 4],
    [new Fire(128, 16, 64), 128, 4],
    [pool(), 128, 8],
    [new Fire(128, 32, 128), 256, 8],
    [new Fire(256, 32, 128), 256, 8],
    [pool(), 256, 16],
    [new Fire(256, 48, 192), 384, 16],
    [new Fire(384, 48, 192), 384, 16],
    [new Fire(384, 64, 256), 512, 16],
    [new Fire(512, 64, 256), 512, 16],
  ];
  return {
    layers: rows.map(([layer]) => layer),
    channels: rows.map(([, channels]) => channels),
    strides: rows.map(([, , stride]) => stride),
  };
}

/** SqueezeNet 1.1 for classification; keys and start as torchvision's `squeezenet1_1`. */
export function squeezeNet({ classes }: ClassifierOptions): Classifier {
  const last = new nn.Conv2d(512, classes, 1);
  const vector = nn.layer((map) => map.flatten({ startDim: 1 }));
  const head = new nn.Sequential([new nn.Dropout(0.5), last, nn.relu(), nn.adaptiveAvgPool2d(1), vector]);
  const net = new TrunkClassifier(squeezeNetTrunk(), { pool: (map) => map, head });
  initializeConvs(net, nn.init.kaimingUniform_);
  nn.init.normal_(last.weight, { std: 0.01 });
  return net;
}

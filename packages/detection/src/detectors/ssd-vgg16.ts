import { nn, ops, type Tensor } from "@singleshot/torch";
import { convRelu, fc6Fc7, initializeConvs, vgg16Trunk } from "../backbones/index.js";
import { l2Normalize } from "./l2-normalize.js";
import { Backbone, BackboneAndHead, type HeadOptions, type Network } from "./network.js";
import { SsdHead } from "./ssd.js";

/** Squeeze, then 3 × 3: with stride 2 the map is halved, without it loses its border. */
const extraBlock = (inChannels: number, middle: number, outChannels: number, options: nn.Conv2dOptions = {}): nn.Layer[] => [
  ...convRelu(inChannels, middle, 1),
  ...convRelu(middle, outChannels, 3, options),
];

const halving = { stride: 2, padding: 1 };

/** Behind VGG16, each giving a map. Of the fifth stage the pooling keeps the resolution. */
const extras = (fifthStage: readonly nn.Layer[]): nn.Layer[][] => [
  [...fifthStage, new nn.Sequential([nn.maxPool2d(3, { stride: 1, padding: 1 }), ...fc6Fc7()])],
  extraBlock(1024, 256, 512, halving),
  extraBlock(512, 128, 256, halving),
  extraBlock(256, 128, 256),
  extraBlock(256, 128, 256),
];

/** VGG16 cut behind conv4_3, whose map the heads see normalised, and five maps behind it. */
class SsdVgg16Backbone extends Backbone {
  readonly scaleWeight: nn.Parameter;
  readonly features: nn.Sequential;
  readonly extra: nn.Sequential[];
  readonly channels = [512, 1024, 512, 256, 256, 256];
  readonly #stages: nn.Layer[][];

  constructor() {
    super();
    const trunk = vgg16Trunk({ ceil: [3] }); // 75 → 38
    const starts = [1, 2, 4, 8, 16].map((stride) => trunk.strides.indexOf(stride)); // a pooling opens every stage but the first
    const cut = starts.at(-1)!;
    this.scaleWeight = new nn.Parameter(ops.full([512], 20, { dtype: "float32" }));
    this.features = new nn.Sequential(trunk.layers.slice(0, cut));
    this.extra = extras(trunk.layers.slice(cut, -1)).map((layers) => new nn.Sequential(layers)); // without the fifth pooling
    this.#stages = starts.map((start, i) => trunk.layers.slice(start, starts[i + 1] ?? -1));
    initializeConvs(this, nn.init.xavierUniform_);
    for (const layer of trunk.layers) initializeConvs(layer, nn.init.kaimingNormal_);
  }

  get stages(): nn.Layer[][] {
    return this.#stages;
  }

  forward(images: Tensor): Tensor[] {
    const fine = this.features.forward(images);
    const maps = [l2Normalize(fine, this.scaleWeight)];
    let map = fine;
    for (const block of this.extra) {
      map = block.forward(map);
      maps.push(map);
    }
    return maps;
  }
}

/**
 * SSD on VGG16, for 300 × 300 pixels.
 * @see Liu et al. 2016 (arXiv:1512.02325); agrees with torchvision's ssd300_vgg16
 */
export function ssd300Vgg16(headOptions: HeadOptions): Network {
  const backbone = new SsdVgg16Backbone();
  const head = new SsdHead(
    backbone.channels,
    headOptions,
    (inChannels, outChannels) => new nn.Conv2d(inChannels, outChannels, 3, { padding: 1 }),
  );
  return new BackboneAndHead(backbone, initializeConvs(head, nn.init.xavierUniform_));
}

import { nn, type Tensor } from "@singleshot/torch";
import { convNorm, type InvertedResidual, initializeConvs, mobileNetV3Large } from "../backbones/index.js";
import type { OptionsOf } from "../recipes/index.js";
import { Backbone, BackboneAndHead, type HeadOptions, type Network } from "./network.js";
import { SsdHead } from "./ssd.js";

type Options = OptionsOf<"ssdlite-mobilenet-v3-large">;
type Norm = { eps: number; momentum: number };

/** Depthwise 3 × 3 and pointwise 1 × 1 instead of one full convolution. Sandler et al. 2018, §6.2. */
function separable(inChannels: number, outChannels: number, norm: Norm): nn.Sequential {
  const depthwise = convNorm(inChannels, inChannels, { kernel: 3, groups: inChannels, norm, activation: "relu6" });
  return new nn.Sequential([depthwise, new nn.Conv2d(inChannels, outChannels, 1)]);
}

/** Halves the map: squeeze to half the channels, depthwise stride 2, expand. */
function extraBlock(inChannels: number, outChannels: number, norm: Norm): nn.Sequential {
  const middle = outChannels / 2;
  return new nn.Sequential([
    convNorm(inChannels, middle, { kernel: 1, norm, activation: "relu6" }),
    convNorm(middle, middle, { kernel: 3, stride: 2, groups: middle, norm, activation: "relu6" }),
    convNorm(middle, outChannels, { kernel: 1, norm, activation: "relu6" }),
  ]);
}

/**
 * Cuts the trunk behind the expansion of each named block: a tap takes the widest map of its resolution.
 * What remains of the block keeps its child numbers, so that published state dicts fit.
 */
function cutAtExpansions(layers: readonly nn.Layer[], taps: readonly number[]): nn.Sequential[] {
  const pieces: nn.Sequential[] = [];
  let from: nn.Layer[] = [];
  let start = 0;
  for (const tap of taps) {
    const { block } = layers[tap] as InvertedResidual;
    const [expansion, ...rest] = block.layers;
    pieces.push(new nn.Sequential([...from, ...layers.slice(start, tap), expansion!]));
    from = [new nn.Sequential(Object.fromEntries(rest.map((layer, i) => [String(i + 1), layer])))];
    start = tap + 1;
  }
  return [...pieces, new nn.Sequential([...from, ...layers.slice(start)])];
}

const expansionChannels = (layer: nn.Layer) =>
  (((layer as InvertedResidual).block.layers[0] as nn.Sequential).layers[0] as nn.Conv2d).outChannels;

/** MobileNetV3-Large with taps at the expansions and the last convolution, and extra maps behind it. */
class SsdliteBackbone extends Backbone {
  readonly features: nn.Sequential;
  readonly extra: nn.Sequential;
  readonly channels: readonly number[];
  readonly #stages: nn.Layer[][];

  constructor({ width, reducedTail, norm, tapStrides, extras }: Options) {
    super();
    const trunk = mobileNetV3Large({ width, reducedTail, norm });
    const taps = tapStrides.map((stride) => trunk.strided[Math.log2(stride)]!);
    const tapChannels = taps.map((tap) => expansionChannels(trunk.layers[tap]!));
    const last = trunk.channels.at(-1)!;
    this.features = new nn.Sequential(cutAtExpansions(trunk.layers, taps));
    const starts = [...trunk.strided, trunk.layers.length - 1]; // a stage begins where the resolution is halved; the last convolution is one
    this.#stages = starts.map((start, i) => trunk.layers.slice(start, starts[i + 1]));
    const extraChannels = extras.map((channels) => Math.max(16, Math.trunc(channels * width)));
    this.extra = new nn.Sequential(extraChannels.map((out, i) => extraBlock(i === 0 ? last : extraChannels[i - 1]!, out, norm)));
    this.channels = [...tapChannels, last, ...extraChannels];
  }

  get stages(): nn.Layer[][] {
    return this.#stages;
  }

  forward(images: Tensor): Tensor[] {
    const maps: Tensor[] = [];
    let map = images;
    for (const layer of [...this.features.layers, ...this.extra.layers]) {
      map = layer.forward(map);
      maps.push(map);
    }
    return maps;
  }
}

/**
 * SSDlite on MobileNetV3-Large.
 * @see Sandler et al. 2018, §6.2; Howard et al. 2019, §6.3; agrees with torchvision's ssdlite320_mobilenet_v3_large
 */
export function ssdliteMobileNetV3(options: Options, headOptions: HeadOptions): Network {
  const backbone = new SsdliteBackbone(options);
  const head = new SsdHead(backbone.channels, headOptions, (inChannels, outChannels) => separable(inChannels, outChannels, options.norm));
  return initializeConvs(new BackboneAndHead(backbone, head), (weight) => nn.init.normal_(weight, { std: 0.03 }));
}

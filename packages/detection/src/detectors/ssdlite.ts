import { nn, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { convNorm, type InvertedResidual, mobileNetV3Large } from "../backbones/index.js";
import { anchorsPerCell, deltaCoder, ssdAnchors, ssdMatcher } from "../boxes/index.js";
import { multiboxLoss } from "../losses/index.js";
import type { DetectorOptions } from "../recipes/index.js";
import { Backbone, Detector } from "./detector.js";
import { perClassNms } from "./postprocess.js";
import { SsdHead } from "./ssd.js";

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

  constructor({ width, reducedTail, norm, tapStrides, extras }: DetectorOptions) {
    super();
    const trunk = mobileNetV3Large({ width, reducedTail, norm });
    const taps = tapStrides.map((stride) => trunk.strided[Math.log2(stride)]!);
    const tapChannels = taps.map((tap) => expansionChannels(trunk.layers[tap]!));
    const last = trunk.channels.at(-1)!;
    this.features = new nn.Sequential(cutAtExpansions(trunk.layers, taps));
    const extraChannels = extras.map((channels) => Math.max(16, Math.trunc(channels * width)));
    this.extra = new nn.Sequential(extraChannels.map((out, i) => extraBlock(i === 0 ? last : extraChannels[i - 1]!, out, norm)));
    this.channels = [...tapChannels, last, ...extraChannels];
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

/** N(0, 0.03) for every convolution's weight, 0 for its bias. */
function initialize(module: nn.Module): void {
  for (const [, part] of module.modules()) {
    if (!(part instanceof nn.Conv2d)) continue;
    nn.init.normal_(part.weight, { std: 0.03 });
    if (part.bias) nn.init.constant_(part.bias, 0);
  }
}

/** Background first. */
function labelWeights(byName: Record<string, number> | undefined, classes: readonly string[]): number[] | undefined {
  if (!byName) return undefined;
  const stranger = Object.keys(byName).find((name) => !classes.includes(name));
  if (stranger) throw new InputError(`loss.classWeights names '${stranger}'`, { fix: `the classes are ${classes.join(", ")}` });
  return [1, ...classes.map((name) => byName[name] ?? 1)];
}

/**
 * SSDlite on MobileNetV3-Large.
 * @see Sandler et al. 2018, §6.2; Howard et al. 2019, §6.3; agrees with torchvision's ssdlite320_mobilenet_v3_large
 */
export function ssdlite(options: DetectorOptions, classes: readonly string[]): Detector {
  const { input, norm, anchors, matcher, loss, postprocess, normalization } = options;
  const backbone = new SsdliteBackbone(options);
  const head = new SsdHead({
    channels: backbone.channels,
    anchorsPerCell: anchors.map(anchorsPerCell),
    classes: classes.length + 1,
    layer: (inChannels, outChannels) => separable(inChannels, outChannels, norm),
  });
  initialize(backbone);
  initialize(head);
  const parts = {
    backbone,
    head,
    anchors: (grids, input, dtype) =>
      dtype === "float64" ? ssdAnchors(anchors, grids, input, { into: Float64Array }) : ssdAnchors(anchors, grids, input),
    coder: deltaCoder({ weights: [10, 10, 5, 5] }),
    matcher: ssdMatcher(matcher),
    loss: multiboxLoss({ ...loss, labelWeights: labelWeights(loss.classWeights, classes) }),
    postprocess: perClassNms(postprocess),
    normalization,
    input,
  } satisfies ConstructorParameters<typeof Detector>[0];
  return new Detector(parts, classes);
}

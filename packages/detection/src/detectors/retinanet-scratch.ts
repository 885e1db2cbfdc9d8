import { nn, ops, type Tensor } from "@singleshot/torch";
import { Extractor, initializeConvs, reluInPlace } from "../backbones/index.js";
import type { OptionsOf } from "../recipes/index.js";
import { answersOfShared, lastConvolution, startRare } from "./heads.js";
import { type HeadOptions, type HeadOutputs, Network, requireAnchors } from "./network.js";

type Options = OptionsOf<"retinanet-scratch">;

const CHANNELS = 256;
const PRETRAINING_CLASSES = 1000; // ImageNet's

const conv3 = (inChannels: number, outChannels: number, stride = 1) => new nn.Conv2d(inChannels, outChannels, 3, { stride, padding: 1 });

/** A map of n × m cells with the points of (2n - 1) × (2m - 1); the corners stay where they are. */
function doubled(map: Tensor): Tensor {
  const [, , height = 0, width = 0] = map.shape;
  return ops.upsampleBilinear2d(map, [2 * height - 1, 2 * width - 1], true);
}

function tower(depth: number, outChannels: number): nn.Sequential {
  const hidden = Array.from({ length: depth }, () => [conv3(CHANNELS, CHANNELS), reluInPlace()]);
  return new nn.Sequential([...hidden.flat(), conv3(CHANNELS, outChannels)]);
}

/** The pyramid, and the towers that answer on all of its maps; the tutorial calls both together the detector. */
class PyramidAndTowers extends nn.Module {
  // the names are the tutorial's, and so is their order
  readonly convOut6: nn.Conv2d;
  readonly convOut7?: nn.Conv2d;
  readonly prj_5: nn.Conv2d;
  readonly prj_4: nn.Conv2d;
  readonly prj_3: nn.Conv2d;
  readonly conv_5?: nn.Conv2d;
  readonly conv_4: nn.Conv2d;
  readonly conv_3: nn.Conv2d;
  readonly convCls: nn.Sequential;
  readonly convReg: nn.Sequential;
  readonly #activate: boolean;

  constructor({ levels, smoothP5, activateMaps, towerDepth }: Options, { channels, anchors }: { channels: number; anchors: number }) {
    super();
    this.convOut6 = conv3(2048, CHANNELS, 2);
    if (levels === 5) this.convOut7 = conv3(CHANNELS, CHANNELS, 2);
    this.prj_5 = new nn.Conv2d(2048, CHANNELS, 1);
    this.prj_4 = new nn.Conv2d(1024, CHANNELS, 1);
    this.prj_3 = new nn.Conv2d(512, CHANNELS, 1);
    if (smoothP5) this.conv_5 = conv3(CHANNELS, CHANNELS);
    this.conv_4 = conv3(CHANNELS, CHANNELS);
    this.conv_3 = conv3(CHANNELS, CHANNELS);
    this.convCls = tower(towerDepth, anchors * channels);
    this.convReg = tower(towerDepth, anchors * 4);
    this.#activate = activateMaps;
    initializeConvs(this, (weight) => nn.init.normal_(weight, { std: 0.01 }));
    startRare(lastConvolution(this.convCls));
  }

  /** P3 to P6 or P7, of strides 8 to 64 or 128. */
  maps([out3, out4, out5]: readonly [Tensor, Tensor, Tensor]): Tensor[] {
    const p6 = this.convOut6.forward(out5);
    const p7 = this.convOut7?.forward(p6.relu());
    const p5 = this.prj_5.forward(out5);
    const p4 = doubled(p5).add_(this.prj_4.forward(out4));
    const p3 = doubled(p4).add_(this.prj_3.forward(out3));
    const maps = [this.conv_3.forward(p3), this.conv_4.forward(p4), this.conv_5?.forward(p5) ?? p5, p6, ...(p7 ? [p7] : [])];
    return this.#activate ? maps.map((map) => map.relu_()) : maps; // in place: nothing that was made of P5 and P6 needs their values again
  }
}

/**
 * Keys of the extractor and then of the detector, side by side without a prefix: weights of the pretrained classifier, which is an
 * `Extractor`, load by their own names. Its last layer stands in the state dict and is not trained.
 */
export class RetinanetScratch extends Network {
  readonly extractor = new Extractor({ classes: PRETRAINING_CLASSES });
  readonly detector: PyramidAndTowers;
  readonly #channels: number;

  constructor(options: Options, { channels, anchorsPerCell }: HeadOptions) {
    super();
    this.detector = new PyramidAndTowers(options, { channels, anchors: anchorsPerCell[0]! });
    this.#channels = channels;
    this.extractor.fc.freeze();
  }

  override *modules(prefix = ""): Iterable<[string, nn.Module]> {
    yield [prefix, this];
    yield* this.extractor.modules(prefix);
    yield* this.detector.modules(prefix);
  }

  features(images: Tensor): Tensor[] {
    return this.detector.maps(this.extractor.extract(images));
  }

  answer(features: readonly Tensor[]): HeadOutputs {
    const { convCls, convReg } = this.detector;
    return { logits: answersOfShared(convCls, features, this.#channels), deltas: answersOfShared(convReg, features, 4) };
  }

  get stages(): nn.Module[][] {
    return this.extractor.stages;
  }

  get heads(): nn.Module[] {
    return [this.detector.convCls, this.detector.convReg];
  }

  get classLayers(): nn.Conv2d[] {
    return [lastConvolution(this.detector.convCls)];
  }
}

/**
 * RetinaNet on a ResNet-50, as a tutorial writes it out; pictures of 32k + 1 pixels a side.
 * @see Lin et al. 2017 (arXiv:1708.02002); the pages "RetinaNet from scratch" (https://xytpai.github.io) and, with other options,
 * the author's later repository (https://github.com/xytpai/retinanet)
 * @throws InputError unless there are as many levels of anchors as maps, with as many anchors each
 */
export function retinanetScratch(options: Options, headOptions: HeadOptions): Network {
  requireAnchors(headOptions, options.levels, { shared: true });
  return new RetinanetScratch(options, headOptions);
}

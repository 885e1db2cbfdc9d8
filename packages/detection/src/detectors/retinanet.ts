import { nn, type Tensor } from "@singleshot/torch";
import { initializeConvs, ResNet50Body, reluInPlace } from "../backbones/index.js";
import type { OptionsOf } from "../recipes/index.js";
import { FeaturePyramid } from "./fpn.js";
import { answersOfShared, startRare } from "./heads.js";
import { Backbone, BackboneAndHead, Head, type HeadOptions, type HeadOutputs, type Network, requireAnchors } from "./network.js";

type Options = OptionsOf<"retinanet-resnet50-fpn">;
type HeadNorm = Options["headNorm"];

const LEVELS = 5; // P3 to P7
const CHANNELS = 256;
const TOWER_DEPTH = 4;

/** ResNet-50 with a feature pyramid of the strides 8 to 128. */
class PyramidBackbone extends Backbone {
  readonly body: ResNet50Body;
  readonly fpn: FeaturePyramid;
  readonly channels: readonly number[] = Array(LEVELS).fill(CHANNELS);

  constructor({ norm, normEps, coarseFrom }: Options) {
    super();
    this.body = new ResNet50Body({ norm, eps: normEps });
    this.fpn = new FeaturePyramid(this.body.channels.slice(1), { outChannels: CHANNELS, coarseFrom });
  }

  get stages(): nn.Module[][] {
    return this.body.stages;
  }

  forward(images: Tensor): Tensor[] {
    return this.fpn.forward(this.body.forward(images).slice(1));
  }
}

function tower(norm: HeadNorm): nn.Sequential {
  const conv = () => new nn.Conv2d(CHANNELS, CHANNELS, 3, { padding: 1, bias: norm === "none" });
  const layers = () => [conv(), ...(norm === "group" ? [new nn.GroupNorm(32, CHANNELS)] : []), reluInPlace()];
  return new nn.Sequential(Array.from({ length: TOWER_DEPTH }, () => new nn.Sequential(layers())));
}

const prediction = (outChannels: number) => new nn.Conv2d(CHANNELS, outChannels, 3, { padding: 1 });

class ClassificationHead extends nn.Module {
  readonly conv: nn.Sequential;
  readonly clsLogits: nn.Conv2d;

  constructor(outChannels: number, norm: HeadNorm) {
    super();
    this.conv = tower(norm);
    this.clsLogits = prediction(outChannels);
    initializeConvs(this, (weight) => nn.init.normal_(weight, { std: 0.01 }));
    startRare(this.clsLogits);
  }

  forward(map: Tensor): Tensor {
    return this.clsLogits.forward(this.conv.forward(map));
  }
}

class RegressionHead extends nn.Module {
  readonly conv: nn.Sequential;
  readonly bboxReg: nn.Conv2d;

  constructor(outChannels: number, norm: HeadNorm) {
    super();
    this.conv = tower(norm);
    this.bboxReg = prediction(outChannels);
    initializeConvs(this, (weight) => nn.init.normal_(weight, { std: 0.01 }));
  }

  forward(map: Tensor): Tensor {
    return this.bboxReg.forward(this.conv.forward(map));
  }
}

/** The same layers ask every level: a tower for the classes and one for the boxes. Lin et al. 2017, §4. */
class RetinaNetHead extends Head {
  readonly classificationHead: ClassificationHead;
  readonly regressionHead: RegressionHead;
  readonly #channels: number;

  constructor(headOptions: HeadOptions, norm: HeadNorm) {
    super();
    requireAnchors(headOptions, LEVELS, { shared: true });
    const { channels, anchorsPerCell } = headOptions;
    const perCell = anchorsPerCell[0]!;
    this.classificationHead = new ClassificationHead(perCell * channels, norm);
    this.regressionHead = new RegressionHead(perCell * 4, norm);
    this.#channels = channels;
  }

  forward(features: readonly Tensor[]): HeadOutputs {
    return {
      logits: answersOfShared(this.classificationHead, features, this.#channels),
      deltas: answersOfShared(this.regressionHead, features, 4),
    };
  }

  get classLayers(): nn.Conv2d[] {
    return [this.classificationHead.clsLogits];
  }
}

/**
 * RetinaNet on ResNet-50 with a feature pyramid; with group norm in the towers and P6 from C5 it is torchvision's second version.
 * @see Lin et al. 2017 (arXiv:1708.02002); agrees with torchvision's retinanet_resnet50_fpn and retinanet_resnet50_fpn_v2
 */
export function retinanetResnet50(options: Options, headOptions: HeadOptions): Network {
  return new BackboneAndHead(new PyramidBackbone(options), new RetinaNetHead(headOptions, options.headNorm));
}

import { nn, ops, type Tensor } from "@singleshot/torch";
import {
  type Body,
  bodyAtStrides,
  convNorm,
  initializeConvs,
  mobileNetV3Large,
  ShuffleNetV2Body,
  SparrowMobileNetV2,
  stagesOf,
} from "../backbones/index.js";
import type { OptionsOf } from "../recipes/index.js";
import { answersOf } from "./heads.js";
import { type HeadOptions, type HeadOutputs, Network, requireAnchors } from "./network.js";

type Options = OptionsOf<"ssdlite-fpn">;
type BackboneOptions = Options["backbone"];
type Maps = [c3: Tensor, c4: Tensor, c5: Tensor];

interface StagedBody {
  body: Body;
  stages: nn.Module[][];
}

/** Stages of MobileNetV2: the deepest of strides 8, 16, 32; or those that the original takes for them, of strides 4, 8, 16. */
const mobileNetV2Taps = { true: [2, 4, 6], original: [1, 2, 3] };

const bodies: { [Name in BackboneOptions["name"]]: (options: Extract<BackboneOptions, { name: Name }>) => StagedBody } = {
  "mobilenet-v2": ({ width, taps }) => {
    const body = new SparrowMobileNetV2({ width, taps: mobileNetV2Taps[taps] });
    return { body, stages: [body.stem, ...body.features.layers].map((stage) => [stage]) };
  },
  "mobilenet-v3-large": ({ width }) => {
    const trunk = mobileNetV3Large({ width });
    return { body: bodyAtStrides(trunk, [8, 16, 32]), stages: stagesOf(trunk) };
  },
  "shufflenet-v2": ({ width }) => {
    const body = new ShuffleNetV2Body({ width });
    return { body, stages: [body.conv1, body.stage2, body.stage3, body.stage4].map((stage) => [stage]) };
  },
};

/** The coarser map enlarged to the finer one's size and added to it. */
function merged(coarse: Tensor, fine: Tensor): Tensor {
  return ops.upsampleNearest2d(coarse, fine.shape.slice(2)).add_(fine);
}

/** A feature pyramid of three maps, each as wide as the others. Lin et al. 2017 (arXiv:1612.03144), with batch norm and ReLU. */
class FpnLite extends nn.Module {
  readonly l3: nn.Sequential;
  readonly l4: nn.Sequential;
  readonly l5: nn.Sequential;
  readonly smooth3: nn.Sequential;
  readonly smooth4: nn.Sequential;
  readonly smooth5: nn.Sequential;

  constructor(inChannels: readonly number[], channels: number) {
    super();
    const [c3, c4, c5] = inChannels as [number, number, number];
    const lateral = (from: number) => convNorm(from, channels, { kernel: 1, activation: "relu" });
    const smooth = () => convNorm(channels, channels, { kernel: 3, activation: "relu" });
    this.l3 = lateral(c3);
    this.l4 = lateral(c4);
    this.l5 = lateral(c5);
    this.smooth3 = smooth();
    this.smooth4 = smooth();
    this.smooth5 = smooth();
  }

  forward([c3, c4, c5]: Maps): Tensor[] {
    const p5 = this.l5.forward(c5);
    const p4 = merged(p5, this.l4.forward(c4));
    const p3 = merged(p4, this.l3.forward(c3));
    return [this.smooth3.forward(p3), this.smooth4.forward(p4), this.smooth5.forward(p5)];
  }
}

/** Depthwise 3 × 3, pointwise, each with batch norm and ReLU. */
class SeparableConv extends nn.Layer {
  readonly dw: nn.Conv2d;
  readonly pw: nn.Conv2d;
  readonly bn1: nn.BatchNorm2d;
  readonly bn2: nn.BatchNorm2d;

  constructor(inChannels: number, outChannels: number) {
    super();
    this.dw = new nn.Conv2d(inChannels, inChannels, 3, { padding: 1, groups: inChannels, bias: false });
    this.pw = new nn.Conv2d(inChannels, outChannels, 1, { bias: false });
    this.bn1 = new nn.BatchNorm2d(inChannels, { activation: "relu" });
    this.bn2 = new nn.BatchNorm2d(outChannels, { activation: "relu" });
  }

  forward(input: Tensor): Tensor {
    const seen = this.bn1.forward(this.dw.forward(input));
    return this.bn2.forward(this.pw.forward(seen));
  }
}

/** What answers on one map. */
class LevelHead extends nn.Module {
  readonly clsConv: SeparableConv;
  readonly regConv: SeparableConv;
  readonly clsPred: nn.Conv2d;
  readonly regPred: nn.Conv2d;

  constructor(
    inChannels: number,
    readonly classes: number,
    anchors: number,
  ) {
    super();
    const middle = Math.max(32, Math.floor(inChannels / 2));
    this.clsConv = new SeparableConv(inChannels, middle);
    this.regConv = new SeparableConv(inChannels, middle);
    this.clsPred = new nn.Conv2d(middle, anchors * classes, 1);
    this.regPred = new nn.Conv2d(middle, anchors * 4, 1);
    for (const layer of [this.clsPred, this.regPred]) initializeConvs(layer, (weight) => nn.init.normal_(weight, { std: 0.01 }));
  }

  forward(map: Tensor): HeadOutputs {
    return {
      logits: answersOf(this.clsPred.forward(this.clsConv.forward(map)), this.classes),
      deltas: answersOf(this.regPred.forward(this.regConv.forward(map)), 4),
    };
  }
}

/** Keys `backbone.…`, `neck.…`, `heads.<level>.…` */
export class SsdliteFpn extends Network {
  readonly backbone: Body;
  readonly neck: FpnLite;
  readonly heads: LevelHead[];
  readonly #stages: nn.Module[][];

  constructor({ body, stages }: StagedBody, neckChannels: number, { channels, anchorsPerCell }: HeadOptions) {
    super();
    this.backbone = body;
    this.neck = new FpnLite(body.channels, neckChannels);
    this.heads = anchorsPerCell.map((anchors) => new LevelHead(neckChannels, channels, anchors));
    this.#stages = stages;
  }

  features(images: Tensor): Tensor[] {
    return this.neck.forward(this.backbone.forward(images) as Maps);
  }

  answer(features: readonly Tensor[]): HeadOutputs {
    const answers = features.map((map, level) => this.heads[level]!.forward(map));
    return {
      logits: ops.cat(
        answers.map(({ logits }) => logits),
        { dim: 1 },
      ),
      deltas: ops.cat(
        answers.map(({ deltas }) => deltas),
        { dim: 1 },
      ),
    };
  }

  get stages(): nn.Module[][] {
    return this.#stages;
  }

  get classLayers(): nn.Conv2d[] {
    return this.heads.map(({ clsPred }) => clsPred);
  }
}

/**
 * SSDlite on a small feature pyramid of strides 8, 16, 32, with a head of its own on every map.
 * @see MobileSparrow (https://github.com/seagochen/MobileSparrow)
 * @throws InputError unless there are three levels of anchors
 */
export function ssdliteFpn({ backbone, neckChannels }: Options, headOptions: HeadOptions): Network {
  requireAnchors(headOptions, 3);
  const create = bodies[backbone.name] as (options: BackboneOptions) => StagedBody;
  return new SsdliteFpn(create(backbone), neckChannels, headOptions);
}

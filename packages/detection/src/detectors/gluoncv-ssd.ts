import { nn, ops, type Tensor } from "@singleshot/torch";
import { convRelu, fc6Fc7, initializeConvs, vgg16Stages } from "../backbones/index.js";
import type { OptionsOf } from "../recipes/index.js";
import { answersOfMaps, lastConvolution } from "./heads.js";
import { type HeadOptions, type HeadOutputs, Network, requireAnchors } from "./network.js";

type Options = OptionsOf<"ssd-vgg16-atrous">;

/** Every channel of a cell divided by the length of the cell's vector, times a scale that is learned. Liu et al. 2015 (arXiv:1506.04579), §3.3. */
class ChannelNorm extends nn.Layer {
  readonly scale: nn.Parameter;
  readonly #eps: number;

  constructor(channels: number, { initial, eps }: { initial: number; eps: number }) {
    super();
    this.scale = new nn.Parameter(ops.full([1, channels, 1, 1], initial, { dtype: "float32" }));
    this.#eps = eps;
  }

  forward(input: Tensor): Tensor {
    const length = input.square().sum([1], { keepdim: true }).add(this.#eps).sqrt();
    return input.div(length).mul(this.scale);
  }
}

interface Extra {
  squeezed: number;
  out: number;
  kernel?: number;
  stride?: number;
  padding?: number;
}

const halving = (squeezed: number, out: number): Extra => ({ squeezed, out, stride: 2, padding: 1 });

/** The maps behind fc7, by the size that they lead to one cell. */
const extras: Record<Options["size"], Extra[]> = {
  300: [halving(256, 512), halving(128, 256), { squeezed: 128, out: 256 }, { squeezed: 128, out: 256 }],
  512: [halving(256, 512), halving(128, 256), halving(128, 256), halving(128, 256), { squeezed: 128, out: 256, kernel: 4, padding: 1 }],
};

function extraLayer(inChannels: number, { squeezed, out, kernel = 3, stride = 1, padding = 0 }: Extra): nn.Sequential {
  return new nn.Sequential([...convRelu(inChannels, squeezed, 1), ...convRelu(squeezed, out, kernel, { stride, padding })]);
}

const halved = nn.maxPool2d(2, { ceilMode: true });
const smoothed = nn.maxPool2d(3, { stride: 1, padding: 1 });

/** VGG16 with holes and the extra maps: keys `stages.<s>.<2j>`, `norm4.scale`, `extras.<i>.<0|2>`. */
class Vgg16Atrous extends nn.Module {
  readonly stages: nn.Sequential[];
  readonly norm4: ChannelNorm;
  readonly extras: nn.Sequential[];
  readonly channels: readonly number[];

  constructor(rows: readonly Extra[]) {
    super();
    this.stages = [...vgg16Stages(), fc6Fc7()].map((layers) => new nn.Sequential(layers));
    this.norm4 = new ChannelNorm(512, { initial: 20, eps: 1e-5 });
    this.extras = rows.map((row, i) => extraLayer(rows[i - 1]?.out ?? 1024, row));
    this.channels = [512, 1024, ...rows.map(({ out }) => out)];
  }

  forward(images: Tensor): Tensor[] {
    const third = this.stages.slice(0, 3).reduce((map, stage) => halved.forward(stage.forward(map)), images);
    const [conv4, conv5, fc] = this.stages.slice(3);
    const fourth = conv4!.forward(third);
    const maps = [fc!.forward(smoothed.forward(conv5!.forward(halved.forward(fourth))))];
    for (const extra of this.extras) maps.push(extra.forward(maps.at(-1)!));
    return [this.norm4.forward(fourth), ...maps];
  }
}

/** GluonCV's SSD on VGG16; keys as its `save_parameters` writes them, but for the constants. */
class GluonSsd extends Network {
  readonly classPredictors: nn.Sequential[];
  readonly boxPredictors: nn.Sequential[];
  readonly #body: Vgg16Atrous;
  readonly #classes: number;

  constructor({ size }: Options, headOptions: HeadOptions) {
    super();
    this.#body = new Vgg16Atrous(extras[size]);
    requireAnchors(headOptions, this.#body.channels.length);
    const { channels: classes, anchorsPerCell } = headOptions;
    const predictors = (columns: number) =>
      this.#body.channels.map((inChannels, i) => {
        const predictor = new nn.Conv2d(inChannels, anchorsPerCell[i]! * columns, 3, { padding: 1 });
        return new nn.Sequential({ predictor });
      });
    this.classPredictors = predictors(classes);
    this.boxPredictors = predictors(4);
    this.#classes = classes;
    this.#start();
  }

  /** MXNet's Xavier(gaussian, out, 2), and for the predictors Xavier(uniform, avg, 2). */
  #start(): void {
    initializeConvs(this.#body, nn.init.kaimingNormal_);
    for (const head of this.heads) initializeConvs(head, (weight) => nn.init.xavierUniform_(weight, { gain: Math.sqrt(2 / 3) }));
  }

  /** The body stands in the state dict by the name that the method below has. */
  protected override *members(): ReturnType<nn.Module["members"]> {
    yield ["features", this.#body];
    yield* super.members();
  }

  features(images: Tensor): Tensor[] {
    return this.#body.forward(images);
  }

  answer(features: readonly Tensor[]): HeadOutputs {
    return {
      logits: answersOfMaps(this.classPredictors, features, this.#classes),
      deltas: answersOfMaps(this.boxPredictors, features, 4),
    };
  }

  get stages(): nn.Module[][] {
    return this.#body.stages.map((stage) => [stage]);
  }

  get heads(): nn.Module[] {
    return [...this.classPredictors, ...this.boxPredictors];
  }

  get classLayers(): nn.Conv2d[] {
    return this.classPredictors.map(lastConvolution);
  }
}

/**
 * SSD on VGG16 with holes, for 300 or 512 pixels.
 * @see Liu et al. 2016 (arXiv:1512.02325); agrees with GluonCV's ssd_300_vgg16_atrous and ssd_512_vgg16_atrous
 */
export const gluonSsd = (options: Options, headOptions: HeadOptions): Network => new GluonSsd(options, headOptions);

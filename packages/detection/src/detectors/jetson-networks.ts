import { nn } from "@singleshot/torch";
import {
  convRelu,
  fc6Fc7,
  flatLayout,
  initializeConvs,
  LinearBottleneck,
  mobileNetV1Trunk,
  mobileNetV2Trunk,
  squeezeNetTrunk,
  type Trunk,
  vgg16Trunk,
} from "../backbones/index.js";
import type { OptionsOf } from "../recipes/index.js";
import { type ExtraOptions, type JetsonParts, JetsonSsd } from "./jetson-ssd.js";
import type { HeadOptions, Network } from "./network.js";
import type { PredictionLayer } from "./ssd.js";

const full: PredictionLayer = (inChannels, outChannels) => new nn.Conv2d(inChannels, outChannels, 3, { padding: 1 });
const pointwise: PredictionLayer = (inChannels, outChannels) => new nn.Conv2d(inChannels, outChannels, 1);
const depthwise = (channels: number, { stride = 1, padding = 1 } = {}) =>
  convRelu(channels, channels, 3, { stride, padding, groups: channels });

/** Depthwise and pointwise instead of one full convolution; nothing behind the pointwise one. */
const separable = (inChannels: number, outChannels: number, place?: Pick<ExtraOptions, "stride" | "padding">): nn.Sequential =>
  new nn.Sequential([...depthwise(inChannels, place), pointwise(inChannels, outChannels)]);

/** The same with batch norm in between: children 0, 1, (2), 3. */
const separableNorm: PredictionLayer = (inChannels, outChannels) =>
  new nn.Sequential({
    0: new nn.Conv2d(inChannels, inChannels, 3, { padding: 1, groups: inChannels }),
    1: new nn.BatchNorm2d(inChannels, { activation: "relu6" }),
    3: pointwise(inChannels, outChannels),
  });

const fullExtra = (inChannels: number, { squeezed, out, stride = 2, padding = 1 }: ExtraOptions): nn.Layer =>
  new nn.Sequential([...convRelu(inChannels, squeezed, 1), ...convRelu(squeezed, out, 3, { stride, padding })]);

const separableExtra = (inChannels: number, { squeezed, out, stride = 2, padding = 1 }: ExtraOptions): nn.Layer =>
  new nn.Sequential([...convRelu(inChannels, squeezed, 1), separable(squeezed, out, { stride, padding })]);

const bottleneckExtra = (inChannels: number, { squeezed, out }: ExtraOptions): nn.Layer =>
  new LinearBottleneck(inChannels, out, { hidden: squeezed, stride: 2, layout: flatLayout });

const tapBehind = ({ channels }: Trunk, layer: number) => ({ layer, channels: channels[layer]! });

const mobileNetV1Extras = [
  { squeezed: 256, out: 512 },
  { squeezed: 128, out: 256 },
  { squeezed: 128, out: 256 },
  { squeezed: 128, out: 256 },
];

function onMobileNetV1(rest: Pick<JetsonParts, "extraLayer" | "header" | "lastHeader">): JetsonParts {
  const trunk = mobileNetV1Trunk();
  return { trunk, taps: [tapBehind(trunk, 11), tapBehind(trunk, 13)], extras: mobileNetV1Extras, ...rest };
}

/** Any width: where the original takes for granted what holds up to 1 alone, the maps' real channels count. */
function onMobileNetV2(width: number): JetsonParts {
  const trunk = started(mobileNetV2Trunk({ width, style: "jetson" }), nn.init.kaimingNormal_);
  const { hidden } = trunk.layers[14] as LinearBottleneck;
  const last = trunk.channels.at(-1)!;
  return {
    trunk,
    taps: [{ layer: 14, at: "expansion", channels: hidden }, tapBehind(trunk, 18)],
    extras: [
      { squeezed: Math.round(0.2 * last), out: 512 },
      { squeezed: 128, out: 256 },
      { squeezed: 128, out: 256 },
      { squeezed: 64, out: 64 },
    ],
    extraLayer: bottleneckExtra,
    header: separableNorm,
    lastHeader: pointwise,
  };
}

/** The last layer of the trunk lies on the way to the extras; no head looks at it. */
function onSqueezeNet(): JetsonParts {
  const trunk = started(squeezeNetTrunk({ ceil: false }), nn.init.kaimingUniform_);
  return {
    trunk,
    taps: [tapBehind(trunk, 11)],
    extras: [
      { squeezed: 256, out: 512, padding: 2 },
      { squeezed: 256, out: 512 },
      { squeezed: 128, out: 256 },
      { squeezed: 128, out: 256 },
      { squeezed: 128, out: 256 },
    ],
    extraLayer: separableExtra,
    header: separable,
    lastHeader: pointwise,
  };
}

/** Batch norm, not SSD's L2 norm, evens out the scale of conv4_3. */
function onVgg16(): JetsonParts {
  const trunk = vgg16WithHoles();
  return {
    trunk,
    taps: [{ ...tapBehind(trunk, 22), addOn: new nn.BatchNorm2d(512) }, tapBehind(trunk, 34)],
    extras: [
      { squeezed: 256, out: 512 },
      { squeezed: 128, out: 256 },
      { squeezed: 128, out: 256, stride: 1, padding: 0 },
      { squeezed: 128, out: 256, stride: 1, padding: 0 },
    ],
    extraLayer: fullExtra,
    header: full,
  };
}

/** VGG16 without its last halving, and fc6 and fc7 as convolutions: 35 layers. */
function vgg16WithHoles(): Trunk {
  const { layers, channels, strides } = vgg16Trunk({ ceil: [3] });
  const behind = <T>(values: readonly T[], own: readonly T[]) => [...values.slice(0, 30), ...own];
  return {
    layers: behind(layers, [nn.maxPool2d(3, { stride: 1, padding: 1 }), ...fc6Fc7()]),
    channels: behind(channels, [512, 1024, 1024, 1024, 1024]),
    strides: behind(strides, [16, 16, 16, 16, 16]),
  };
}

function started(trunk: Trunk, rule: (weight: nn.Parameter) => unknown): Trunk {
  initializeConvs(new nn.Sequential(trunk.layers), rule);
  return trunk;
}

type Options = OptionsOf<"mb1-ssd" | "mb1-ssd-lite" | "mb2-ssd-lite" | "sq-ssd-lite" | "vgg16-ssd">;

const parts: { [Name in Options["name"]]: (options: OptionsOf<Name>) => JetsonParts } = {
  "mb1-ssd": () => onMobileNetV1({ extraLayer: fullExtra, header: full }),
  "mb1-ssd-lite": () => onMobileNetV1({ extraLayer: separableExtra, header: separable, lastHeader: pointwise }),
  "mb2-ssd-lite": ({ width }) => onMobileNetV2(width),
  "sq-ssd-lite": onSqueezeNet,
  "vgg16-ssd": onVgg16,
};

/** pytorch-ssd's five networks, for inputs of any size. */
export function jetsonSsd(options: Options, headOptions: HeadOptions): Network {
  const create = parts[options.name] as (options: Options) => JetsonParts;
  return new JetsonSsd(create(options), headOptions);
}

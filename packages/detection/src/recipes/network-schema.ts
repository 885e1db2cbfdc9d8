import { z } from "zod";
import { natural, positive, unit } from "./primitives.js";

const norm = z.strictObject({ eps: positive, momentum: unit }); // PyTorch's convention: new = (1 - momentum) · old + momentum · batch
const width = positive.default(1); // multiplier on the channels

/** torchvision's. */
const ssd300Vgg16 = z.strictObject({ name: z.literal("ssd300-vgg16") });
const ssdliteMobileNetV3 = z.strictObject({
  name: z.literal("ssdlite-mobilenet-v3-large"),
  width,
  reducedTail: z.boolean().default(true), // halved channels behind the last stride
  norm: norm.default({ eps: 1e-3, momentum: 0.03 }),
  tapStrides: z.array(z.union([z.literal(4), z.literal(8), z.literal(16)])).default([16]), // maps taken before the last one
  extras: z.array(natural).default([512, 256, 256, 128]), // channels of the maps behind the last one
});
const retinanetResnet50 = z.strictObject({
  name: z.literal("retinanet-resnet50-fpn"),
  norm: z.enum(["batch", "frozen"]).default("batch"), // of the backbone; frozen where it starts from published weights
  normEps: z.number().min(0).default(1e-5), // torchvision sets 0 for the published weights of its first version
  coarseFrom: z.enum(["p5", "c5"]).default("p5"), // what P6 is made of
  headNorm: z.enum(["none", "group"]).default("none"), // in the towers; group: over 32 groups of channels
});

/** pytorch-ssd's, as they run on a Jetson. */
const jetson = <Name extends string>(name: Name) => z.strictObject({ name: z.literal(name) });
const mb2SsdLite = z.strictObject({ name: z.literal("mb2-ssd-lite"), width });

/** GluonCV's. */
const ssdVgg16Atrous = z.strictObject({
  name: z.literal("ssd-vgg16-atrous"),
  size: z.union([z.literal(300), z.literal(512)]), // the input whose last map is one cell
});

/** MobileSparrow's. */
const ssdliteFpn = z.strictObject({
  name: z.literal("ssdlite-fpn"),
  backbone: z
    .discriminatedUnion("name", [
      z.strictObject({
        name: z.literal("mobilenet-v2"),
        width,
        taps: z.enum(["true", "original"]).default("true"), // maps of strides 8, 16, 32; or of 4, 8, 16, as the original takes by mistake
      }),
      z.strictObject({ name: z.literal("mobilenet-v3-large"), width }),
      z.strictObject({
        name: z.literal("shufflenet-v2"),
        width: z.union([z.literal(0.5), z.literal(1), z.literal(1.5), z.literal(2)]).default(1), // the paper's
      }),
    ])
    .prefault({ name: "mobilenet-v2" }),
  neckChannels: natural.default(96),
});

/** The RetinaNet tutorial's. */
const retinanetScratch = z.strictObject({
  name: z.literal("retinanet-scratch"),
  levels: z.union([z.literal(4), z.literal(5)]).default(4), // maps P3 to P6, or to P7
  smoothP5: z.boolean().default(false), // one more convolution on P5, as P3 and P4 have one
  activateMaps: z.boolean().default(true), // ReLU on every map that goes to the towers
  towerDepth: natural.default(3), // convolutions before the last one
});

export const networkSchema = z.discriminatedUnion("name", [
  ssd300Vgg16,
  ssdliteMobileNetV3,
  retinanetResnet50,
  jetson("mb1-ssd"),
  jetson("mb1-ssd-lite"),
  mb2SsdLite,
  jetson("sq-ssd-lite"),
  jetson("vgg16-ssd"),
  ssdVgg16Atrous,
  ssdliteFpn,
  retinanetScratch,
]);

export type NetworkOptions = z.output<typeof networkSchema>;
export type NetworkName = NetworkOptions["name"];
/** The options of one network. */
export type OptionsOf<Name extends NetworkName> = Extract<NetworkOptions, { name: Name }>;

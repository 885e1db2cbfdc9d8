import { z } from "zod";
import { natural, positive, unit } from "./primitives.js";

const norm = z.strictObject({ eps: positive, momentum: unit }); // PyTorch's convention: new = (1 - momentum) · old + momentum · batch
const width = positive.default(1); // multiplier on the channels

/** torchvision's. */
const ssdliteMobileNetV3 = z.strictObject({
  name: z.literal("ssdlite-mobilenet-v3-large"),
  width,
  reducedTail: z.boolean().default(true), // halved channels behind the last stride
  norm: norm.default({ eps: 1e-3, momentum: 0.03 }),
  tapStrides: z.array(z.union([z.literal(4), z.literal(8), z.literal(16)])).default([16]), // maps taken before the last one
  extras: z.array(natural).default([512, 256, 256, 128]), // channels of the maps behind the last one
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
  freezeBatchNorm: z.boolean().default(false), // running statistics stay what they are; weights and biases train
});

export const networkSchema = z.discriminatedUnion("name", [ssdliteMobileNetV3, ssdliteFpn, retinanetScratch]);

export type NetworkOptions = z.output<typeof networkSchema>;
export type NetworkName = NetworkOptions["name"];
/** The options of one network. */
export type OptionsOf<Name extends NetworkName> = Extract<NetworkOptions, { name: Name }>;

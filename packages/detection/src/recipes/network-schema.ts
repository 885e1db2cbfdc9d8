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
]);

export type NetworkOptions = z.output<typeof networkSchema>;
export type NetworkName = NetworkOptions["name"];
/** The options of one network. */
export type OptionsOf<Name extends NetworkName> = Extract<NetworkOptions, { name: Name }>;

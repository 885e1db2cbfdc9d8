import type { Tensor } from "@singleshot/torch";
import { resnetKeyToScratch } from "../../backbones/index.js";
import {
  FULLY_CONNECTED,
  type KeyMap,
  mobileNetV2KeyToJetson,
  mobileNetV2KeyToSparrow,
  mobileNetV3KeyToSsdlite,
  resnetKeyToRetinaNet,
  vgg16KeyToGluon,
  vgg16KeyToSsd300,
  vgg16Layers,
} from "../../checkpoints/index.js";
import type { NetworkName, NetworkOptions, OptionsOf } from "../../recipes/index.js";

/** How a classifier's weights become those of a network's backbone. */
export interface BackboneSource {
  /** Where each belongs. */
  map: KeyMap;
  /** What is made of them before that. */
  prepare?: (weights: ReadonlyMap<string, Tensor>) => Map<string, Tensor>;
  /** What a file need not have, by its keys there: it starts anew, and these words say so. */
  optional?: { keys: readonly string[]; says: string };
}

/** A map for keys of classifiers; what has none of their prefixes is a base as train_ssd.py --base-net takes it. */
const jetsonBase =
  (ofClassifier: KeyMap): KeyMap =>
  (key) =>
    /^(features|classifier)\./.test(key) ? ofClassifier(key) : `base_net.${key}`;
const sameNumbers = jetsonBase((key) => (key.startsWith("features.") ? key.replace("features", "base_net") : undefined));

type FpnBackbone = OptionsOf<"ssdlite-fpn">["backbone"]["name"];

const fpnMaps: Record<FpnBackbone, KeyMap> = {
  "mobilenet-v2": mobileNetV2KeyToSparrow,
  "mobilenet-v3-large": (key) => (key.startsWith("classifier.") ? undefined : `backbone.${key}`),
  "shufflenet-v2": (key) => (/^(conv5|fc)\./.test(key) ? undefined : `backbone.${key}`),
};

/** VGG16 with fc6 and fc7 as convolutions. */
const vgg16 = (map: KeyMap): BackboneSource => ({
  map,
  prepare: vgg16Layers,
  optional: { keys: FULLY_CONNECTED, says: "fc6 and fc7 start anew: the file does not have them" },
});

/** For every network with one backbone. Published files are torchvision's. */
const sources: Record<Exclude<NetworkName, "ssdlite-fpn">, BackboneSource> = {
  "ssd300-vgg16": { map: vgg16KeyToSsd300 },
  "ssdlite-mobilenet-v3-large": { map: (key) => mobileNetV3KeyToSsdlite(key) },
  "retinanet-resnet50-fpn": { map: resnetKeyToRetinaNet },
  "mb1-ssd": { map: sameNumbers },
  "mb1-ssd-lite": { map: sameNumbers },
  "mb2-ssd-lite": { map: jetsonBase(mobileNetV2KeyToJetson) },
  "sq-ssd-lite": { map: sameNumbers },
  "vgg16-ssd": vgg16((key) => `base_net.${key}`),
  "ssd-vgg16-atrous": vgg16(vgg16KeyToGluon),
  "retinanet-scratch": { map: (key) => (/^(fc)\./.test(key) ? undefined : resnetKeyToScratch(key)) }, // the tutorial's own keys stay what they are
};

/** What a network makes of the weights of the classifier that its backbone is. */
export const backboneSource = (network: NetworkOptions): BackboneSource =>
  network.name === "ssdlite-fpn" ? { map: fpnMaps[network.backbone.name] } : sources[network.name];

import { resnetKeyToScratch } from "../../backbones/index.js";
import {
  type KeyMap,
  mobileNetV2KeyToJetson,
  mobileNetV2KeyToSparrow,
  mobileNetV3KeyToSsdlite,
  resnetKeyToRetinaNet,
  vgg16KeyToSsd300,
} from "../../checkpoints/index.js";
import type { NetworkName, NetworkOptions, OptionsOf } from "../../recipes/index.js";

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

/** For every network that starts from a classifier's weights: where their keys belong in it. Published ones are torchvision's. */
const maps: Partial<Record<NetworkName, KeyMap>> = {
  "ssd300-vgg16": vgg16KeyToSsd300,
  "ssdlite-mobilenet-v3-large": (key) => mobileNetV3KeyToSsdlite(key),
  "retinanet-resnet50-fpn": resnetKeyToRetinaNet,
  "mb1-ssd": sameNumbers,
  "mb1-ssd-lite": sameNumbers,
  "mb2-ssd-lite": jetsonBase(mobileNetV2KeyToJetson),
  "sq-ssd-lite": sameNumbers,
  "vgg16-ssd": jetsonBase(() => undefined),
  "retinanet-scratch": (key) => (/^(fc)\./.test(key) ? undefined : resnetKeyToScratch(key)), // the tutorial's own keys stay what they are
};

/** Undefined where the network has no published backbone of its own form. */
export const backboneKeys = (network: NetworkOptions): KeyMap | undefined =>
  network.name === "ssdlite-fpn" ? fpnMaps[network.backbone.name] : maps[network.name];

import { resnetKeyToScratch } from "../backbones/index.js";
import { type KeyMap, mobileNetV3KeyToSsdlite, resnetKeyToRetinaNet, vgg16KeyToSsd300 } from "../checkpoints/index.js";
import type { NetworkName, NetworkOptions } from "../recipes/index.js";

const jetsonBase: KeyMap = (key) => `base_net.${key}`; // as train_ssd.py --base-net takes it: the base alone, without a prefix

/** For every network that starts from a classifier's weights: where their keys belong in it. Published ones are torchvision's. */
const maps: Partial<Record<NetworkName, KeyMap>> = {
  "ssd300-vgg16": vgg16KeyToSsd300,
  "ssdlite-mobilenet-v3-large": (key) => mobileNetV3KeyToSsdlite(key),
  "retinanet-resnet50-fpn": resnetKeyToRetinaNet,
  "mb1-ssd": jetsonBase,
  "mb1-ssd-lite": jetsonBase,
  "mb2-ssd-lite": jetsonBase,
  "sq-ssd-lite": jetsonBase,
  "vgg16-ssd": jetsonBase,
  "retinanet-scratch": (key) => (/^(fc)\./.test(key) ? undefined : resnetKeyToScratch(key)), // the tutorial's own keys stay what they are
};

/** Undefined where the network has no published backbone of its own form. */
export const backboneKeys = ({ name }: NetworkOptions): KeyMap | undefined => maps[name];

import { anchorsPerCell } from "../boxes/index.js";
import type { DetectorOptions, NetworkName, OptionsOf } from "../recipes/index.js";
import { Detector } from "./detector.js";
import { gluonSsd } from "./gluoncv-ssd.js";
import { jetsonSsd } from "./jetson-networks.js";
import type { HeadOptions, Network } from "./network.js";
import { retinanetResnet50 } from "./retinanet.js";
import { retinanetScratch } from "./retinanet-scratch.js";
import { ssd300Vgg16 } from "./ssd-vgg16.js";
import { ssdliteMobileNetV3 } from "./ssdlite.js";
import { ssdliteFpn } from "./ssdlite-fpn.js";

/** Every network by the name that recipes give it. */
export const networks: { [Name in NetworkName]: (options: OptionsOf<Name>, headOptions: HeadOptions) => Network } = {
  "ssd300-vgg16": (_options, headOptions) => ssd300Vgg16(headOptions),
  "ssdlite-mobilenet-v3-large": ssdliteMobileNetV3,
  "retinanet-resnet50-fpn": retinanetResnet50,
  "mb1-ssd": jetsonSsd,
  "mb1-ssd-lite": jetsonSsd,
  "mb2-ssd-lite": jetsonSsd,
  "sq-ssd-lite": jetsonSsd,
  "vgg16-ssd": jetsonSsd,
  "ssd-vgg16-atrous": gluonSsd,
  "ssdlite-fpn": ssdliteFpn,
  "retinanet-scratch": retinanetScratch,
};

/** The detector of a recipe with fresh weights, channels-last. */
export function createDetector(options: DetectorOptions, classes: readonly string[]): Detector {
  const channels = classes.length + (options.scores === "sigmoid" ? 0 : 1);
  const headOptions = { channels, anchorsPerCell: options.anchors.levels.map(anchorsPerCell) };
  const create = networks[options.network.name] as (network: DetectorOptions["network"], headOptions: HeadOptions) => Network;
  return new Detector(create(options.network, headOptions), options, classes).to({ format: "channelsLast" });
}

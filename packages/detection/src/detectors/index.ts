import { anchorsPerCell } from "../boxes/index.js";
import type { DetectorOptions, NetworkName, OptionsOf } from "../recipes/index.js";
import { Detector } from "./detector.js";
import type { Network, Question } from "./network.js";
import { retinanetScratch } from "./retinanet-scratch.js";
import { ssdliteMobileNetV3 } from "./ssdlite.js";
import { ssdliteFpn } from "./ssdlite-fpn.js";

export { Detector, type Raw } from "./detector.js";
export { freeze } from "./freeze.js";
export { type Answers, Network, type Question } from "./network.js";
export { prepare } from "./prepare.js";

/** Every network by the name that recipes give it. */
export const networks: { [Name in NetworkName]: (options: OptionsOf<Name>, question: Question) => Network } = {
  "ssdlite-mobilenet-v3-large": ssdliteMobileNetV3,
  "ssdlite-fpn": ssdliteFpn,
  "retinanet-scratch": retinanetScratch,
};

/** The detector of a recipe with fresh weights, channels-last. */
export function createDetector(options: DetectorOptions, classes: readonly string[]): Detector {
  const channels = classes.length + (options.scores === "sigmoid" ? 0 : 1);
  const question = { channels, anchorsPerCell: options.anchors.levels.map(anchorsPerCell) };
  const create = networks[options.network.name] as (network: DetectorOptions["network"], question: Question) => Network;
  return new Detector(create(options.network, question), options, classes).to({ format: "channelsLast" });
}

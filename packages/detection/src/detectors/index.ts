import type { DetectorOptions } from "../recipes/index.js";
import type { Detector } from "./detector.js";
import { ssdlite } from "./ssdlite.js";

export { Backbone, Detector, type DetectorParts, Head, type Normalization, type Raw } from "./detector.js";
export { prepare } from "./prepare.js";

/** Every detector by the name that recipes give it. */
export const detectors: Record<DetectorOptions["name"], (options: DetectorOptions, classes: readonly string[]) => Detector> = {
  "ssdlite-mobilenet-v3-large": ssdlite,
};

/** The detector of a recipe with fresh weights, channels-last. */
export function createDetector(options: DetectorOptions, classes: readonly string[]): Detector {
  return detectors[options.name](options, classes).to({ format: "channelsLast" });
}

import { ops, scope, type Tensor } from "@singleshot/torch";
import type { Detector } from "./detector.js";

/**
 * Pictures of any size as one batch of the detector's own size: normalised, then stretched, as torchvision's transform does inside the model.
 * @param images [3, H, W] each, uint8 or floats in 0 to 1
 * @returns [N, 3, height, width], channels-last
 */
export function prepare(detector: Detector, images: readonly Tensor[]): Tensor {
  const { height, width } = detector.input;
  return scope(() => {
    const stretched = images.map((image) => ops.upsampleBilinear2d(detector.normalize(image.unsqueeze(0)), [height, width], false));
    return ops.cat(stretched).contiguous({ memoryFormat: "channelsLast" });
  });
}

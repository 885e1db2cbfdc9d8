import { inferenceMode, scope, type Tensor } from "@singleshot/torch";
import type { Detections, Size } from "@singleshot/vision";
import type { Detector } from "../detectors/index.js";

/**
 * Detections of a batch in pixels of the original pictures.
 *
 * @param images [N, 3, H, W] uint8, resized to the detector's input
 * @param originals the pictures' sizes before that
 */
export function detect(detector: Detector, images: Tensor, originals: readonly Size[]): Detections[] {
  const found = scope(() => inferenceMode(() => detector.postprocess(detector.forward(detector.normalize(images)))));
  return found.map((detections, i) => ({ ...detections, boxes: scaled(detections.boxes, detector.input, originals[i]!) }));
}

function scaled(boxes: Float32Array, from: Size, to: Size): Float32Array {
  const across = to.width / from.width;
  const down = to.height / from.height;
  return boxes.map((value, i) => value * (i % 2 === 0 ? across : down));
}

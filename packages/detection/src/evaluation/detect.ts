import { inferenceMode, scope, type Tensor } from "@singleshot/torch";
import { boxesFromInput, clipBoxes, type Detections, type Placement, type Size, takeBoxes } from "@singleshot/vision";
import type { Detector } from "../detectors/index.js";

/** Pictures as the network sees them. */
export interface Laid {
  /** [N, 3, H, W] uint8 */
  images: Tensor;
  /** [N, 2] int64, height and width of what is no padding */
  extents?: Tensor;
  /** Where each picture lies in the input. */
  placements: readonly Placement[];
}

/**
 * Detections of a batch in pixels of the original pictures.
 *
 * @param originals the pictures' sizes before they were laid into the input
 */
export function detect(detector: Detector, { images, extents, placements }: Laid, originals: readonly Size[]): Detections[] {
  const windows = placements.map(({ window }) => window);
  const found = scope(() => inferenceMode(() => detector.postprocess(detector.forward(detector.normalize(images, extents)), windows)));
  const clips = detector.options.postprocess.clip !== "none";
  return found.map((detections, i) => {
    const { boxes, labels, scores } = withoutBackground(detections);
    const mapped = boxesFromInput(boxes, placements[i]!);
    return { boxes: clips ? clipBoxes(mapped, originals[i]!) : mapped, labels, scores };
  });
}

function withoutBackground(detections: Detections): Detections {
  const { boxes, labels, scores } = detections;
  const kept = [...labels.keys()].filter((k) => labels[k]! > 0);
  if (kept.length === labels.length) return detections;
  return {
    boxes: takeBoxes(boxes, kept),
    labels: Int32Array.from(kept, (k) => labels[k]!),
    scores: Float32Array.from(kept, (k) => scores[k]!),
  };
}

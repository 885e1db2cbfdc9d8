import { clipBoxes, takeBoxes } from "../boxes/index.js";
import type { Detections } from "../sample.js";
import { boxesFromInput, type Placement, type Size } from "../transforms/index.js";

/**
 * Detections in pixels of the network's input → in pixels of the picture; what is background is left out.
 *
 * @param picture its size before it was laid into the input
 * @param clips whether boxes are cut at the picture's edge
 */
export function inPicture(detections: Detections, placement: Placement, picture: Size, { clips }: { clips: boolean }): Detections {
  const { boxes, labels, scores } = withoutBackground(detections);
  const mapped = boxesFromInput(boxes, placement);
  return { boxes: clips ? clipBoxes(mapped, picture) : mapped, labels, scores };
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

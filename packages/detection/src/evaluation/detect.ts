import { inferenceMode, scope, type Tensor } from "@singleshot/torch";
import { type Detections, inPicture, type Placement, type Size } from "@singleshot/vision";
import type { Detector, Raw } from "../detectors/index.js";

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
 * @param onAnswers is given what the network answers, which is gone behind the call
 */
export function detect(
  detector: Detector,
  { images, extents, placements }: Laid,
  originals: readonly Size[],
  onAnswers?: (raw: Raw) => void,
): Detections[] {
  const windows = placements.map(({ window }) => window);
  const found = scope(() =>
    inferenceMode(() => {
      const raw = detector.forward(detector.normalize(images, extents));
      onAnswers?.(raw);
      return detector.postprocess(raw, windows);
    }),
  );
  const clips = detector.options.postprocess.clip !== "none";
  return found.map((detections, i) => inPicture(detections, placements[i]!, originals[i]!, { clips }));
}

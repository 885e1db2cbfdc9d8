import { scope, sizes } from "@singleshot/torch";
import { clipBoxes, multiclassNms } from "@singleshot/vision";
import type { Postprocess } from "./detector.js";

export interface PerClassNmsOptions {
  scoreThreshold: number;
  /** Of two boxes of one class that overlap more, the weaker goes. */
  iouThreshold: number;
  /** At most so many of a class are looked at. */
  candidatesPerClass: number;
  /** At most so many of an image are kept. */
  maxDetections: number;
}

/** Softmax, decode, clip, then class by class: threshold, best candidates, non-maximum suppression; the best of all classes remain. */
export function perClassNms(options: PerClassNmsOptions): Postprocess {
  return (raw, input, coder) => {
    const { N, A, C } = sizes({ logits: [raw.logits, "N A C"], deltas: [raw.deltas, "N A 4"] });
    const { scores, boxes } = scope(() => ({
      scores: raw.logits.to("float32").softmax(-1).toTypedArray(),
      boxes: coder.decode(raw.deltas.to(raw.anchors.dtype), raw.anchors).to("float32").toTypedArray(),
    }));
    return Array.from({ length: N }, (_, n) => {
      const own = clipBoxes(boxes.subarray(4 * A * n, 4 * A * (n + 1)), input);
      return multiclassNms(own, scores.subarray(C * A * n, C * A * (n + 1)), { classes: C, firstLabel: 1, ...options });
    });
  };
}

import { scope, sizes } from "@singleshot/torch";
import { type Detections, detectionsOf, type Window } from "@singleshot/vision";
import type { BoxCoder } from "../boxes/index.js";
import type { DetectorOptions } from "../recipes/index.js";
import { scoresAndBoxes } from "./decode.js";
import type { Raw } from "./detector.js";

/**
 * From answers to detections: scores and boxes on tensors, the rest as everywhere (`detectionsOf`).
 *
 * @param windows the pictures' parts of the input
 * @returns one record a picture, in pixels of the network's input
 */
export function postprocess(raw: Raw, options: DetectorOptions, coder: BoxCoder, windows?: readonly Window[]): Detections[] {
  const { N, A, C } = sizes({ logits: [raw.logits, "N A C"], deltas: [raw.deltas, "N A 4"] });
  const { scores, boxes } = scope(() => {
    const decoded = scoresAndBoxes(raw, options, coder);
    return { scores: decoded.scores.toTypedArray(), boxes: decoded.boxes.toTypedArray() };
  });
  const { levels, input } = raw;
  return Array.from({ length: N }, (_, n) => {
    const own = { scores: scores.subarray(C * A * n, C * A * (n + 1)), boxes: boxes.subarray(4 * A * n, 4 * A * (n + 1)) };
    return detectionsOf({ ...own, kind: options.scores, levels, input, window: windows?.[n] }, options.postprocess);
  });
}

import { scope, sizes, type Tensor } from "@singleshot/torch";
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
  const { N } = sizes({ logits: [raw.logits, "N A C"], deltas: [raw.deltas, "N A 4"] });
  const { levels, input } = raw;
  return scope(() => {
    const { scores, boxes } = scoresAndBoxes(raw, options, coder);
    const pictureOf = (values: Tensor, n: number) => values.select(0, n).toTypedArray(); // of one at a time: those of a batch may be a gigabyte
    return Array.from({ length: N }, (_, n) => {
      const own = { scores: pictureOf(scores, n), boxes: pictureOf(boxes, n) };
      return detectionsOf({ ...own, kind: options.scores, levels, input, window: windows?.[n] }, options.postprocess);
    });
  });
}

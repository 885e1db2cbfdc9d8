import type { Tensor } from "@singleshot/torch";
import type { BoxCoder } from "../boxes/index.js";
import type { DetectorOptions } from "../recipes/index.js";
import type { Raw } from "./detector.js";

/** What a network says, in words of the picture: scores [N, A, C] from 0 to 1 and boxes [N, A, 4] in pixels of the input, in float32. */
export function scoresAndBoxes(raw: Raw, { scores: kind }: DetectorOptions, coder: BoxCoder): { scores: Tensor; boxes: Tensor } {
  const logits = raw.logits.to("float32");
  return {
    scores: kind === "softmax" ? logits.softmax(-1) : logits.sigmoid(),
    boxes: coder.decode(raw.deltas.to(raw.anchors.xyxy.dtype), raw.anchors).to("float32"),
  };
}

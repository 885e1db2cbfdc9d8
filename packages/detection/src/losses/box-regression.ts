import { ops, scope, type Tensor } from "@singleshot/torch";
import { type Anchors, BACKGROUND, type BoxCoder } from "../boxes/index.js";
import type { LossOptions } from "../recipes/index.js";
import { iouLosses } from "./iou-losses.js";
import type { Targets } from "./targets.js";

/** How far off every anchor's box is: deltas [N, A, 4] → [N, A], 0 where no box is matched. */
export type RegressionLoss = (deltas: Tensor, targets: Targets, frame: { anchors: Anchors; coder: BoxCoder }) => Tensor;

/** On deltas (smooth L1, L1), or on the decoded boxes (the IoU losses). */
export function regressionLoss(options: LossOptions["regression"]): RegressionLoss {
  const distance = distanceOf(options);
  return (deltas, targets, frame) =>
    scope(() => {
      const unmatched = targets.matches.le(BACKGROUND);
      const own = deltas.maskedFill(unmatched.unsqueeze(2), 0); // an unmatched anchor's deltas may be anything, infinite when decoded
      return distance(own, targets, frame).mul(options.weight).maskedFill(unmatched, 0);
    });
}

function distanceOf(options: LossOptions["regression"]): RegressionLoss {
  switch (options.name) {
    case "smooth-l1":
      return (deltas, targets) => ops.smoothL1Loss(deltas, targets.deltas, { reduction: "none", beta: options.beta }).sum(-1);
    case "l1":
      return (deltas, targets) => ops.l1Loss(deltas, targets.deltas, { reduction: "none" }).sum(-1);
    default:
      return (deltas, { boxes }, { anchors, coder }) => iouLosses[options.name](coder.decode(deltas, anchors), boxes);
  }
}

import { ops, scope, sizes, type Tensor, tensor } from "@singleshot/torch";
import { BACKGROUND } from "../boxes/index.js";
import { hardNegatives } from "./hard-negative-mining.js";
import type { Targets } from "./targets.js";

/** What a detector is trained on; their sum is differentiated. */
export interface Losses {
  classification: Tensor;
  regression: Tensor;
}

/** logits [N, A, C] and deltas [N, A, 4] against their targets. */
export type DetectionLoss = (raw: { logits: Tensor; deltas: Tensor }, targets: Targets) => Losses;

export interface MultiboxOptions {
  negativesPerPositive?: number;
  /** [C]: how much an answer for each label counts in the cross entropy, background first. Left out: 1. */
  labelWeights?: readonly number[] | undefined;
}

/**
 * SSD's loss: cross entropy over the matched anchors and the hardest negatives, smooth L1 over the matched ones,
 * both divided by the number of matched anchors in the batch (at least 1).
 * @see Liu et al. 2016, eq. 1-3; agrees with torchvision's SSD.compute_loss
 */
export function multiboxLoss({ negativesPerPositive = 3, labelWeights }: MultiboxOptions = {}): DetectionLoss {
  return ({ logits, deltas }, targets) =>
    scope(() => {
      const weight = labelWeights && tensor(labelWeights, { dtype: logits.dtype });
      const { N, A, C } = sizes({ logits: [logits, "N A C"], deltas: [deltas, "N A 4"], labels: [targets.labels, "N A"] });
      const foreground = targets.matches.gt(BACKGROUND);
      const matched = foreground.sum().clampMin(1);

      const distance = ops.smoothL1Loss(deltas, targets.deltas, { reduction: "none" }).sum(-1); // [N, A]
      const regression = distance.maskedFill(foreground.logicalNot(), 0).sum();

      const crossEntropy = ops
        .crossEntropyLoss(logits.reshape([N * A, C]), targets.labels.reshape([N * A]), { reduction: "none", weight })
        .view([N, A]);
      const negatives = hardNegatives(crossEntropy, foreground, { negativesPerPositive });
      const classification = crossEntropy.maskedFill(foreground.logicalOr(negatives).logicalNot(), 0).sum();

      return { classification: classification.div(matched), regression: regression.div(matched) };
    });
}

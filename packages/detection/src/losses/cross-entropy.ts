import { ops, scope, sizes, type Tensor, tensor } from "@singleshot/torch";
import { BACKGROUND } from "../boxes/index.js";
import type { AnchorLoss } from "./detection-loss.js";
import { hardNegatives, type MiningOptions } from "./hard-negative-mining.js";

export interface CrossEntropyOptions extends MiningOptions {
  /** [C]: how much an answer for each label counts, background first. Left out: 1. */
  labelWeights?: readonly number[] | undefined;
}

/**
 * Softmax cross entropy over background and the classes; the matched anchors count, and the hardest negatives.
 *
 * @see Liu et al. 2016, eq. 3. Mining by this loss or, as pytorch-ssd and GluonCV do, by the background's share of it is the same: for an
 * anchor that is background they are equal
 */
export function minedCrossEntropy({ labelWeights, ...mining }: CrossEntropyOptions): AnchorLoss {
  return (logits, { matches, labels }) =>
    scope(() => {
      const { N, A, C } = sizes({ logits: [logits, "N A C"], labels: [labels, "N A"] });
      const weight = labelWeights && tensor(labelWeights, { dtype: logits.dtype, device: logits.device });
      const values: Tensor = ops
        .crossEntropyLoss(logits.reshape([N * A, C]), labels.reshape([N * A]), { reduction: "none", weight })
        .view([N, A]);
      const foreground = matches.gt(BACKGROUND);
      const negatives = hardNegatives(values, { foreground, background: matches.eq(BACKGROUND) }, mining);
      return { values, counted: foreground.logicalOr(negatives) };
    });
}

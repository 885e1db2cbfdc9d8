import { ops, scope, sizes, type Tensor } from "@singleshot/torch";
import { type Anchors, BACKGROUND, type BoxCoder } from "../boxes/index.js";
import type { LossOptions } from "../recipes/index.js";
import type { RegressionLoss } from "./box-regression.js";
import type { Targets } from "./targets.js";

/** What a detector is trained on; their sum is differentiated. */
export interface Losses {
  classification: Tensor;
  regression: Tensor;
}

/** logits [N, A, C] → the loss of every anchor [N, A], and which of them count [N, A]. */
export type AnchorLoss = (logits: Tensor, targets: Targets) => { values: Tensor; counted: Tensor };

/** logits [N, A, C] and deltas [N, A, 4] against their targets. */
export type DetectionLoss = (
  answers: { logits: Tensor; deltas: Tensor },
  targets: Targets,
  frame: { anchors: Anchors; coder: BoxCoder; total?: Total },
) => Losses;

/** The sum of a count over all processes that share a batch. */
export type Total = (own: Tensor) => Tensor;

export interface DetectionLossParts extends Pick<LossOptions, "normalizer" | "minPositives"> {
  classification: AnchorLoss;
  regression: RegressionLoss;
}

/**
 * Both losses of a batch, summed over the anchors that count and divided
 *
 * - `batch`: by the matched anchors of the batch (SSD, the RetinaNet tutorial)
 * - `image`: picture by picture by its matched anchors, then the mean over the pictures (RetinaNet)
 * - `mean`: picture by picture by the numbers that were summed, then the mean over the pictures (MobileSparrow)
 *
 * never by less than `minPositives`, so nothing is NaN. Where processes share a batch each has its part of the losses: they are summed.
 *
 * @see Liu et al. 2016, eq. 1; Lin et al. 2017, §4.1
 */
export function detectionLoss({ classification, regression, normalizer, minPositives }: DetectionLossParts): DetectionLoss {
  const divided = normalizers[normalizer];
  return ({ logits, deltas }, targets, frame) =>
    scope(() => {
      sizes({ logits: [logits, "N A C"], deltas: [deltas, "N A 4"], labels: [targets.labels, "N A"] });
      const foreground = targets.matches.gt(BACKGROUND);
      const positives = foreground.sum(1); // [N]
      const { values, counted } = classification(logits, targets);
      const answers = values.maskedFill(counted.logicalNot(), 0).sum(1);
      const distances = regression(deltas, targets, frame).sum(1);
      const { total = (own) => own } = frame;
      return {
        classification: divided(answers, { positives, counted: counted.sum(1), minPositives, total }),
        regression: divided(distances, { positives, counted: positives.mul(4), minPositives, total }),
      };
    });
}

interface Counts {
  /** [N] */
  positives: Tensor;
  /** [N], the numbers that were summed */
  counted: Tensor;
  minPositives: number;
  total: Total;
}

/** Sums of each picture [N] → one number. */
const normalizers: Record<LossOptions["normalizer"], (sums: Tensor, counts: Counts) => Tensor> = {
  batch: (sums, { positives, minPositives, total }) => sums.sum().div(total(positives.sum()).clampMin(minPositives)),
  image: (sums, { positives, minPositives, total }) => meanOf(sums.div(positives.clampMin(minPositives)), total),
  mean: (sums, { counted, total }) => meanOf(sums.div(counted.clampMin(1)), total),
};

/** [N] → their sum by the number of all pictures. */
const meanOf = (values: Tensor, total: Total): Tensor => values.sum().div(total(ops.onesLike(values).sum()));

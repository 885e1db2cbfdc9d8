import { scope, sizes, type Tensor } from "@singleshot/torch";
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
  frame: { anchors: Anchors; coder: BoxCoder; among?: Among },
) => Losses;

/** What of a batch all processes have that share it. */
export interface Among {
  /** Their matched anchors, for losses that are divided by these: on its way since the anchors were matched, waited for here. */
  positives?: () => Tensor;
  /** Their pictures. */
  pictures: number;
}

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
      const { among = { pictures: positives.shape[0]! } } = frame;
      const divide = divided({ positives, minPositives, among });
      return { classification: divide(answers, counted.sum(1)), regression: divide(distances, positives.mul(4)) };
    });
}

interface Counts {
  /** [N] */
  positives: Tensor;
  minPositives: number;
  among: Among;
}

/** Sums of each picture [N], and how many numbers were summed [N] → one number. */
type Divide = (sums: Tensor, counted: Tensor) => Tensor;

const normalizers: Record<LossOptions["normalizer"], (counts: Counts) => Divide> = {
  batch: ({ positives, minPositives, among }) => {
    const all = (among.positives?.() ?? positives.sum()).clampMin(minPositives);
    return (sums) => sums.sum().div(all);
  },
  image: ({ positives, minPositives, among }) => {
    const each = positives.clampMin(minPositives);
    return (sums) => sums.div(each).sum().div(among.pictures);
  },
  mean:
    ({ among }) =>
    (sums, counted) =>
      sums.div(counted.clampMin(1)).sum().div(among.pictures),
};

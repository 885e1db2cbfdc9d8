import { ops, scope, sizes, type Tensor } from "@singleshot/torch";
import { BACKGROUND, IGNORED } from "../boxes/index.js";
import type { AnchorLoss } from "./detection-loss.js";

export interface FocalOptions {
  /** Weight of answers that should be 1, against 1 - alpha of those that should be 0; -1: both weigh 1. */
  alpha?: number;
  gamma?: number;
}

/**
 * Focal loss: cross entropy that fades for answers which are already right, so that easy background cannot drown the rest.
 *
 *     FL = -αₜ (1 - pₜ)^γ log pₜ       pₜ: the probability given to the true answer
 *
 * One sigmoid for each class, summed over the classes. Every anchor is taken for background first; what the one class of a matched
 * anchor adds or saves is found by its label alone, so no table of zeros and ones [N, A, C] is made.
 *
 * @param firstLabel the label of channel 0: 0 where a channel is kept for background, else 1
 * @see Lin et al. 2017, eq. 5 (arXiv:1708.02002); agrees with torchvision's `sigmoid_focal_loss` and the RetinaNet tutorial's
 */
export function focalLoss({ alpha = 0.25, gamma = 2 }: FocalOptions, firstLabel: number): AnchorLoss {
  const [ones, zeros] = alpha < 0 ? [1, 1] : [alpha, 1 - alpha];
  return (logits, { matches, labels }) =>
    scope(() => {
      sizes({ logits: [logits, "N A C"], labels: [labels, "N A"] });
      const background = focalTerm(logits, gamma); // as if every answer should be 0
      const channel = labels.sub(firstLabel).clampMin(0).unsqueeze(2);
      const answer = focalTerm(logits.gather(2, channel).neg(), gamma).mul(ones);
      const found = answer.sub(background.gather(2, channel).mul(zeros)).squeeze(2);
      const values = background
        .sum(-1)
        .mul(zeros)
        .add(found.maskedFill(matches.le(BACKGROUND), 0));
      return { values, counted: matches.ne(IGNORED) };
    });
}

/** σ(x)^γ · ln(1 + eˣ): the loss of an answer x that should be 0, before α. Exact for saturated answers too. */
function focalTerm(x: Tensor, gamma: number): Tensor {
  const probability = x.sigmoid();
  const faded = gamma === 2 ? probability.square() : probability.pow(gamma);
  return faded.mul(ops.softplus(x, { threshold: LINEAR }));
}

const LINEAR = 50; // from here on softplus(x) is x in double precision too

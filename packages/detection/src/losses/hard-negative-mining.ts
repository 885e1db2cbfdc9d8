import { ops, scope, sizes, type Tensor } from "@singleshot/torch";

export interface MiningOptions {
  negativesPerPositive: number;
  /** Of a picture, however few positives it has. */
  minNegatives?: number;
  /** Of a picture that has no positives. */
  negativesWithoutPositives?: number;
}

/**
 * Chooses the background anchors that the network gets most wrong, `negativesPerPositive` for every foreground anchor of the same image.
 *
 * @param loss       [N, A], the classification loss of each anchor
 * @param foreground [N, A], bool
 * @param background [N, A], bool: those that may be chosen
 * @returns [N, A], bool: the chosen negatives
 * @see Liu et al. 2016, §2.2 "Hard negative mining"
 */
export function hardNegatives(
  loss: Tensor,
  { foreground, background }: { foreground: Tensor; background: Tensor },
  { negativesPerPositive, minNegatives = 0, negativesWithoutPositives = 0 }: MiningOptions,
): Tensor {
  return scope(() => {
    const { N, A } = sizes({ loss: [loss, "N A"], foreground: [foreground, "N A"], background: [background, "N A"] });
    const positives = foreground.sum(1, { keepdim: true }); // [N, 1]
    const some = positives.mul(negativesPerPositive).clampMin(minNegatives);
    const wanted = positives.gt(0).where(some, ops.fullLike(some, Math.max(minNegatives, negativesWithoutPositives)));
    const candidates = loss.detach().maskedFill(background.logicalNot(), Number.NEGATIVE_INFINITY);
    const order = candidates.sort(true, { dim: 1, descending: true })[1];
    const places = ops.arange(0, A, { dtype: "int64", device: loss.device }).expand([N, A]);
    const rank = ops.emptyLike(order).scatter_(1, order, places);
    return rank.lt(wanted).logicalAnd(background);
  });
}

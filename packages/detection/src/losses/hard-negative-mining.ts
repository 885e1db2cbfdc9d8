import { ops, scope, sizes, type Tensor } from "@singleshot/torch";

/**
 * Chooses the background anchors that the network gets most wrong, `negativesPerPositive` for every foreground anchor of the same image.
 *
 * @param loss       [N, A], the classification loss of each anchor
 * @param foreground [N, A], bool
 * @returns [N, A], bool: the chosen negatives
 * @see Liu et al. 2016, §2.2 "Hard negative mining"
 */
export function hardNegatives(loss: Tensor, foreground: Tensor, { negativesPerPositive }: { negativesPerPositive: number }): Tensor {
  return scope(() => {
    const { N, A } = sizes({ loss: [loss, "N A"], foreground: [foreground, "N A"] });
    const wanted = foreground.sum(1, { keepdim: true }).mul(negativesPerPositive); // [N, 1]
    const order = loss.detach().maskedFill(foreground, Number.NEGATIVE_INFINITY).sort(true, { dim: 1, descending: true })[1];
    const rank = ops.emptyLike(order).scatter_(1, order, ops.arange(0, A, { dtype: "int64" }).expand([N, A]));
    return rank.lt(wanted);
  });
}

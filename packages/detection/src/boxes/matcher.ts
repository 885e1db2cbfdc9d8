import { ops, scope, sizes, type Tensor } from "@singleshot/torch";

/** In a matcher's result: this anchor answers for no box. */
export const BACKGROUND = -1;

/**
 * Tells every anchor which ground-truth box it answers for.
 * iou [N, M, A] and counts [N] (int64: how many of the M boxes are real, the rest is padding) → int64 [N, A]: index of the box, or BACKGROUND.
 */
export type Matcher = (iou: Tensor, counts: Tensor) => Tensor;

/**
 * SSD's rule: an anchor takes the box it overlaps most if the overlap reaches the threshold; then every box takes its best anchor,
 * whatever that anchor had. Of two boxes that want one anchor the later gets it.
 * @see Liu et al. 2016, §2.2; agrees with torchvision's SSDMatcher
 */
export function ssdMatcher({ iouThreshold = 0.5 }: { iouThreshold?: number } = {}): Matcher {
  return (iou, counts) =>
    scope(() => {
      const { N, M, A } = sizes({ iou: [iou, "N M A"] });
      if (M === 0) return ops.full([N, A], BACKGROUND, { dtype: "int64" });
      const index = ops.arange(0, M, { dtype: "int64" }); // [M]
      const real = index.lt(counts.unsqueeze(1)); // [N, M]
      const known = iou.maskedFill(real.logicalNot().unsqueeze(2), -1);
      const [overlap, box] = known.max(1); // [N, A]
      const byOverlap = box.maskedFill(overlap.lt(iouThreshold), BACKGROUND);
      const bestAnchor = known.argmax({ dim: 2 }); // [N, M]
      const rivals = bestAnchor.unsqueeze(2).eq(bestAnchor.unsqueeze(1)).logicalAnd(real.unsqueeze(1)); // [N, M, M]
      const winner = index.expand([N, M, M]).maskedFill(rivals.logicalNot(), BACKGROUND).amax({ dim: -1 }); // all who want one anchor name the same box
      const claimed = ops.full([N, A], BACKGROUND, { dtype: "int64" }).scatter_(1, bestAnchor, winner);
      return claimed.ge(0).where(claimed, byOverlap);
    });
}

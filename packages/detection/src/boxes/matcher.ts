import { ops, scope, sizes, type Tensor } from "@singleshot/torch";
import type { MatcherOptions } from "../recipes/index.js";
import { bipartite } from "./bipartite.js";

/** In a matcher's result: this anchor answers for no box. */
export const BACKGROUND = -1;
/** In a matcher's result: this anchor is not asked. */
export const IGNORED = -2;

/**
 * Tells every anchor which ground-truth box it answers for.
 * iou [N, M, A] and real [N, M] (bool: which of the M boxes are no padding) → int64 [N, A]: index of the box, BACKGROUND or IGNORED.
 */
export type Matcher = (iou: Tensor, real: Tensor) => Tensor;

/**
 * First every anchor looks at the box that it overlaps most (the first of equals): from `foreground` on it answers for it, below
 * `background` for none, in between it is ignored. Then every box claims anchors whatever their overlap:
 *
 * - `best`: its best anchor; of two boxes that want one anchor the later gets it (SSD)
 * - `ties`: every anchor that reaches the box's best overlap gets its own best box back (RetinaNet's low-quality matches)
 * - `bipartite`: the best pairs of a free box and a free anchor, one after the other, so that every box has an anchor of its own
 * - `none`
 *
 * @see Liu et al. 2016, §2.2. Agrees with torchvision's SSDMatcher and Matcher, pytorch-ssd's assign_priors, GluonCV's composite
 * matcher, MobileSparrow's and the RetinaNet tutorial's rules
 */
export function matcher(options: MatcherOptions): Matcher {
  return (iou, real) =>
    scope(() => {
      const { N, M, A } = sizes({ iou: [iou, "N M A"], real: [real, "N M"] });
      const nothing = options.emptyPicture === "ignored" ? IGNORED : BACKGROUND;
      if (M === 0) return ops.full([N, A], nothing, { dtype: "int64", device: iou.device });
      const known = iou.maskedFill(real.logicalNot().unsqueeze(2), -1);
      const [overlap, box] = known.max(1); // [N, A]
      const reached = options.foregroundInclusive ? overlap.ge(options.foreground) : overlap.gt(options.foreground);
      const claimed = claims[options.claim]({ known, real, box });
      const wanted = claimed.ge(0);
      const free = byThreshold(overlap, options);
      const matched = options.claimOverrides
        ? wanted.where(claimed, reached.where(box, free))
        : reached.where(box, wanted.where(claimed, free));
      return nothing === BACKGROUND ? matched : matched.maskedFill(real.any(1, { keepdim: true }).logicalNot(), nothing);
    });
}

/** BACKGROUND or IGNORED for the anchors that reach no box. */
function byThreshold(overlap: Tensor, { background, backgroundInclusive }: MatcherOptions): Tensor {
  const below = backgroundInclusive ? overlap.le(background) : overlap.lt(background);
  return ops.full(overlap.shape, IGNORED, { dtype: "int64", device: overlap.device }).maskedFill_(below, BACKGROUND);
}

interface Overlaps {
  /** [N, M, A], -1 where there is no box */
  known: Tensor;
  /** [N, M] */
  real: Tensor;
  /** [N, A], the best box of each anchor */
  box: Tensor;
}

/** Which box claims each anchor: [N, A] int64, BACKGROUND where none does. */
const claims: Record<MatcherOptions["claim"], (overlaps: Overlaps) => Tensor> = {
  none: ({ box }) => ops.fullLike(box, BACKGROUND),
  best: bestAnchors,
  ties: tiedAnchors,
  bipartite: ({ known, real }) => bipartite(known, real),
};

function bestAnchors({ known, real, box }: Overlaps): Tensor {
  const { N, M } = sizes({ known: [known, "N M A"] });
  const bestAnchor = known.argmax({ dim: 2 }); // [N, M]
  const rivals = bestAnchor.unsqueeze(2).eq(bestAnchor.unsqueeze(1)).logicalAnd(real.unsqueeze(1)); // [N, M, M]
  const index = ops.arange(0, M, { dtype: "int64", device: known.device }).expand([N, M, M]);
  const winner = index.maskedFill(rivals.logicalNot(), BACKGROUND).amax({ dim: -1 }); // all who want one anchor name the same box
  return ops.fullLike(box, BACKGROUND).scatter_(1, bestAnchor, winner);
}

function tiedAnchors({ known, box }: Overlaps): Tensor {
  const best = known.amax({ dim: 2, keepdim: true }); // [N, M, 1]
  const tied = known.eq(best).logicalAnd(best.gt(0)).any(1); // [N, A]
  return box.maskedFill(tied.logicalNot(), BACKGROUND);
}

import { ops, scope, sizes, type Tensor } from "@singleshot/torch";

const UNMATCHED = -1;
const SMALLEST = 1e-12; // an overlap of nothing makes no pair

/**
 * Pairs each box with an anchor of its own: the best free pair of all, then the best of what is left, and so on. A box and an anchor that
 * are each other's best are paired whatever else is free, so all such pairs of all pictures are made at once: two or three rounds, not
 * one for every box. An anchor left over that ties with its own best box's best overlap answers for that box too.
 *
 * @param known [N, M, A] overlaps, -1 where there is no box
 * @param real  [N, M] bool
 * @returns [N, A] int64, the box of each anchor or -1
 * @see GluonCV's BipartiteMatcher
 */
export function bipartite(known: Tensor, real: Tensor): Tensor {
  return scope(() => {
    const { N, M, A } = sizes({ known: [known, "N M A"], real: [real, "N M"] });
    const integers = { dtype: "int64", device: known.device } as const;
    const index = ops.arange(0, M, integers).expand([N, M]);
    const free = known.clone();
    const matched = ops.full([N, A + 1], UNMATCHED, integers); // what is no pair is written behind the last anchor
    for (let round = 0; round < M; round++) {
      const done = scope(() => {
        const [overlap, anchor] = free.max(2); // [N, M]
        const wanted = free.argmax({ dim: 1 }).gather(1, anchor); // [N, M], the box that the box's best anchor likes best
        const paired = wanted.eq(index).logicalAnd(overlap.gt(SMALLEST));
        if (!paired.any().item()) return true;
        const place = anchor.maskedFill(paired.logicalNot(), A);
        matched.scatter_(1, place, index.maskedFill(paired.logicalNot(), UNMATCHED));
        const taken = matched.narrow(1, 0, A).ge(0).unsqueeze(1); // [N, 1, A]
        free.maskedFill_(taken.logicalOr(paired.unsqueeze(2)), -1);
        return false;
      });
      if (done) break;
    }
    const pairs = matched.narrow(1, 0, A);
    return pairs.ge(0).where(pairs, tied(known));
  });
}

/** An anchor's best box, where the anchor is as good as that box's best: [N, A], else -1. */
function tied(known: Tensor): Tensor {
  const { N, A } = sizes({ known: [known, "N M A"] });
  const [overlap, box] = known.max(1); // [N, A]
  const best = known.amax({ dim: 2 }).gather(1, box); // [N, A], the best overlap of the anchor's box
  const apart = best.sub(overlap).gt(SMALLEST).logicalOr(overlap.le(SMALLEST));
  return box.maskedFill(apart, UNMATCHED).view([N, A]);
}

import { ops, scope, sizes, type Tensor } from "@singleshot/torch";
import { BACKGROUND, type BoxCoder, type Matcher, pairwiseIou } from "../boxes/index.js";

/** Ground truth of a batch, padded to the largest number of boxes. */
export interface GroundTruth {
  /** [N, M, 4] xyxy in pixels of the network's input */
  boxes: Tensor;
  /** [N, M], int64, 1-based */
  labels: Tensor;
  /** [N], int64: how many of the M are real */
  counts: Tensor;
}

/** What every anchor should have answered. */
export interface Targets {
  /** [N, A], int64: index of the matched box, or BACKGROUND. */
  matches: Tensor;
  /** [N, A], int64: label of the matched box, 0 for background. */
  labels: Tensor;
  /** [N, A, 4]: the matched box as deltas; 0 where there is none. */
  deltas: Tensor;
}

/** Matches a whole batch at once. Anchors [A, 4] xyxy in pixels of the network's input. */
export function targetsFor(
  anchors: Tensor,
  { boxes, labels, counts }: GroundTruth,
  { matcher, coder }: { matcher: Matcher; coder: BoxCoder },
): Targets {
  return scope(() => {
    const { N, M, A } = sizes({ boxes: [boxes, "N M 4"], labels: [labels, "N M"], anchors: [anchors, "A 4"] });
    if (M === 0) return nothingToFind(N, A, anchors);
    const matches = matcher(pairwiseIou(boxes, anchors), counts); // [N, A]
    const background = matches.eq(BACKGROUND);
    const index = matches.clampMin(0);
    const matched = boxes.gather(1, index.unsqueeze(2).expand([N, A, 4]));
    const answered = background.unsqueeze(2).where(anchors, matched); // an unmatched anchor answers for itself: deltas 0, never infinite
    return { matches, labels: labels.gather(1, index).maskedFill(background, 0), deltas: coder.encode(answered, anchors) };
  });
}

function nothingToFind(N: number, A: number, { dtype }: Tensor): Targets {
  const matches = ops.full([N, A], BACKGROUND, { dtype: "int64" });
  return { matches, labels: ops.zerosLike(matches), deltas: ops.zeros([N, A, 4], { dtype }) };
}

import { type Device, ops, scope, sizes, type Tensor, toDevice } from "@singleshot/torch";
import { type Anchors, BACKGROUND, type BoxCoder, type Matcher, pairwiseIou } from "../boxes/index.js";

/** Ground truth of a batch, padded to the largest number of boxes. */
export interface GroundTruth {
  /** [N, M, 4] xyxy in pixels of the network's input */
  boxes: Tensor;
  /** [N, M], int64, 1-based */
  labels: Tensor;
  /** [N], int64: how many of the M are real */
  counts: Tensor;
}

export const truthOn = (device: Device, { boxes, labels, counts }: GroundTruth): GroundTruth => ({
  boxes: toDevice(boxes, device),
  labels: toDevice(labels, device),
  counts: toDevice(counts, device),
});

/** What every anchor should have answered. */
export interface Targets {
  /** [N, A], int64: index of the matched box, BACKGROUND or IGNORED. */
  matches: Tensor;
  /** [N, A], int64: label of the matched box, 0 where there is none. */
  labels: Tensor;
  /** [N, A, 4] xyxy: the matched box; where there is none the anchor itself. */
  boxes: Tensor;
  /** [N, A, 4]: that as deltas. */
  deltas: Tensor;
}

export interface TargetRules {
  matcher: Matcher;
  coder: BoxCoder;
  /** Added to the union of the IoU, in square pixels. */
  iouEpsilon?: number;
}

/** Matches a whole batch at once. A box without area is matched with nothing. */
export function targetsFor(
  anchors: Anchors,
  { boxes, labels, counts }: GroundTruth,
  { matcher, coder, iouEpsilon = 0 }: TargetRules,
): Targets {
  return scope(() => {
    const { N, M, A } = sizes({ boxes: [boxes, "N M 4"], labels: [labels, "N M"], anchors: [anchors.xyxy, "A 4"] });
    const matches = matcher(pairwiseIou(boxes, anchors.xyxy, { epsilon: iouEpsilon }), realBoxes(boxes, counts)); // [N, A]
    if (M === 0) return nothingToFind(matches, anchors.xyxy);
    const unmatched = matches.le(BACKGROUND);
    const index = matches.clampMin(0);
    const matched = boxes.gather(1, index.unsqueeze(2).expand([N, A, 4]));
    const answered = unmatched.unsqueeze(2).where(anchors.xyxy, matched); // an unmatched anchor answers for itself: deltas 0, never infinite
    return {
      matches,
      labels: labels.gather(1, index).maskedFill(unmatched, 0),
      boxes: answered,
      deltas: coder.encode(answered, anchors),
    };
  });
}

/** [N, M] bool: neither padding nor without area. */
function realBoxes(boxes: Tensor, counts: Tensor): Tensor {
  const { M } = sizes({ boxes: [boxes, "N M 4"] });
  const [x1, y1, x2, y2] = boxes.unbind({ dim: -1 }) as [Tensor, Tensor, Tensor, Tensor];
  const listed = ops.arange(0, M, { dtype: "int64", device: boxes.device }).lt(counts.unsqueeze(1));
  const flat = x2.le(x1).logicalOr(y2.le(y1)); // a NaN is not flat: it shall be noticed
  return listed.logicalAnd(flat.logicalNot());
}

function nothingToFind(matches: Tensor, anchors: Tensor): Targets {
  const { N, A } = sizes({ matches: [matches, "N A"] });
  const { dtype, device } = anchors;
  return {
    matches,
    labels: ops.zerosLike(matches),
    boxes: anchors.expand([N, A, 4]),
    deltas: ops.zeros([N, A, 4], { dtype, device }),
  };
}

import { scope, type Tensor } from "@singleshot/torch";

/**
 * Overlap of every box with every anchor: common area / (area of both together + epsilon).
 * Boxes [N, M, 4] and anchors [A, 4], both xyxy → [N, M, A]; without an epsilon two empty boxes give NaN.
 */
export function pairwiseIou(boxes: Tensor, anchors: Tensor, { epsilon = 0 }: { epsilon?: number } = {}): Tensor {
  return scope(() => {
    const [x1, y1, x2, y2] = boxes.unsqueeze(2).unbind({ dim: -1 }) as [Tensor, Tensor, Tensor, Tensor]; // each [N, M, 1]
    const [ax1, ay1, ax2, ay2] = anchors.unbind({ dim: -1 }) as [Tensor, Tensor, Tensor, Tensor]; // each [A]
    const width = x2.minimum(ax2).sub(x1.maximum(ax1)).clampMin_(0);
    const height = y2.minimum(ay2).sub(y1.maximum(ay1)).clampMin_(0);
    const overlap = width.mul_(height);
    const areas = x2
      .sub(x1)
      .mul(y2.sub(y1))
      .add(ax2.sub(ax1).mul(ay2.sub(ay1)));
    const union = areas.sub_(overlap);
    return overlap.div(epsilon === 0 ? union : union.add_(epsilon));
  });
}

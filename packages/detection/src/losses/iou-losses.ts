import { scope, type Tensor } from "@singleshot/torch";

export type IouLossName = "giou" | "diou" | "ciou";

type Corners = readonly [Tensor, Tensor, Tensor, Tensor];
const corners = (boxes: Tensor) => boxes.unbind({ dim: -1 }) as unknown as Corners;

/** What the losses look at: common area, union, IoU, and the sides of the smallest box around both. */
function compared(predicted: Tensor, truth: Tensor, eps: number) {
  const [x1, y1, x2, y2] = corners(predicted);
  const [tx1, ty1, tx2, ty2] = corners(truth);
  const common = x2
    .minimum(tx2)
    .sub(x1.maximum(tx1))
    .clampMin(0)
    .mul(y2.minimum(ty2).sub(y1.maximum(ty1)).clampMin(0));
  const area = x2.sub(x1).mul(y2.sub(y1));
  const union = area.add(tx2.sub(tx1).mul(ty2.sub(ty1))).sub(common);
  const width = x2.maximum(tx2).sub(x1.minimum(tx1));
  const height = y2.maximum(ty2).sub(y1.minimum(ty1));
  return { union, iou: common.div(union.add(eps)), width, height };
}

/** How far the centres are apart, in diagonals of the box around both, squared. */
function centreDistance(predicted: Tensor, truth: Tensor, { width, height }: { width: Tensor; height: Tensor }, eps: number): Tensor {
  const [x1, y1, x2, y2] = corners(predicted);
  const [tx1, ty1, tx2, ty2] = corners(truth);
  const across = x1.add(x2).sub(tx1.add(tx2)).mul(0.5).square();
  const down = y1.add(y2).sub(ty1.add(ty2)).mul(0.5).square();
  return across.add(down).div(width.square().add(height.square()).add(eps));
}

/** How unlike the shapes are: (2 / π · (atan(w / h) - atan(w' / h')))². */
function shapeDistance(predicted: Tensor, truth: Tensor): Tensor {
  const angle = ([x1, y1, x2, y2]: Corners) => x2.sub(x1).div(y2.sub(y1)).atan();
  return angle(corners(truth))
    .sub(angle(corners(predicted)))
    .mul(2 / Math.PI)
    .square();
}

/**
 * Losses of boxes as wholes, [..., 4] xyxy each → [...].
 *
 *     GIoU: 1 - IoU + (C - U) / C               C: the smallest box around both, U: their union
 *     DIoU: 1 - IoU + d² / c²                   d: distance of the centres, c: C's diagonal
 *     CIoU: DIoU + α v                          v: how unlike the shapes are, α = v / (1 - IoU + v)
 *
 * @see Rezatofighi et al. 2019 (arXiv:1902.09630); Zheng et al. 2020 (arXiv:1911.08287); agree with torchvision's
 */
export const iouLosses: Record<IouLossName, (predicted: Tensor, truth: Tensor, options?: { eps?: number }) => Tensor> = {
  giou: (predicted, truth, { eps = 1e-7 } = {}) =>
    scope(() => {
      const { union, iou, width, height } = compared(predicted, truth, eps);
      const around = width.mul(height);
      return around.sub(union).div(around.add(eps)).sub(iou).add(1);
    }),
  diou: (predicted, truth, { eps = 1e-7 } = {}) => scope(() => distanceLoss(predicted, truth, eps).loss),
  ciou: (predicted, truth, { eps = 1e-7 } = {}) =>
    scope(() => {
      const { loss, iou } = distanceLoss(predicted, truth, eps);
      const unlike = shapeDistance(predicted, truth);
      const alpha = unlike
        .div(
          iou
            .neg()
            .add(unlike)
            .add(1 + eps),
        )
        .detach();
      return loss.add(alpha.mul(unlike));
    }),
};

function distanceLoss(predicted: Tensor, truth: Tensor, eps: number) {
  const sides = compared(predicted, truth, eps);
  return { loss: centreDistance(predicted, truth, sides, eps).sub(sides.iou).add(1), iou: sides.iou };
}

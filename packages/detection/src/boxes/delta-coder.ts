import { ops, scope, type Tensor } from "@singleshot/torch";

/** Between boxes and what the network regresses. Both directions [..., 4]; boxes and anchors xyxy. */
export interface BoxCoder {
  encode(boxes: Tensor, anchors: Tensor): Tensor;
  decode(deltas: Tensor, anchors: Tensor): Tensor;
}

type Weights = readonly [x: number, y: number, width: number, height: number];

const corners = (boxes: Tensor) => boxes.unbind({ dim: -1 }) as [Tensor, Tensor, Tensor, Tensor];

function centres(boxes: Tensor) {
  const [x1, y1, x2, y2] = corners(boxes);
  const width = x2.sub(x1);
  const height = y2.sub(y1);
  return { x: x1.add(width.mul(0.5)), y: y1.add(height.mul(0.5)), width, height };
}

/**
 *     dx = wx (x - xa) / wa     dw = ww ln(w / wa)     and the same in y
 *
 * @param maxLogScale decoded sizes grow at most by e to this
 * @see Girshick et al. 2014, appendix C; agrees with torchvision's BoxCoder
 */
export function deltaCoder({ weights, maxLogScale = Math.log(1000 / 16) }: { weights: Weights; maxLogScale?: number }): BoxCoder {
  const [wx, wy, ww, wh] = weights;
  return {
    encode: (boxes, anchors) =>
      scope(() => {
        const box = centres(boxes);
        const anchor = centres(anchors);
        const dx = box.x.sub(anchor.x).mul(wx).div(anchor.width);
        const dy = box.y.sub(anchor.y).mul(wy).div(anchor.height);
        const dw = box.width.div(anchor.width).log().mul(ww);
        const dh = box.height.div(anchor.height).log().mul(wh);
        return ops.stack([dx, dy, dw, dh], { dim: -1 });
      }),
    decode: (deltas, anchors) =>
      scope(() => {
        const [dx, dy, dw, dh] = corners(deltas);
        const anchor = centres(anchors);
        const x = dx.div(wx).mul(anchor.width).add(anchor.x);
        const y = dy.div(wy).mul(anchor.height).add(anchor.y);
        const halfWidth = dw.div(ww).clampMax(maxLogScale).exp().mul(anchor.width).mul(0.5);
        const halfHeight = dh.div(wh).clampMax(maxLogScale).exp().mul(anchor.height).mul(0.5);
        return ops.stack([x.sub(halfWidth), y.sub(halfHeight), x.add(halfWidth), y.add(halfHeight)], { dim: -1 });
      }),
  };
}

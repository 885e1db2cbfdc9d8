import { ops, scope, type Tensor } from "@singleshot/torch";
import type { CoderOptions } from "../recipes/index.js";

/** Anchors in both forms, [A, 4] each, in pixels of the network's input. */
export interface Anchors {
  xyxy: Tensor;
  cxcywh: Tensor;
}

/** Between boxes and what the network regresses. Both directions [..., A, 4]; boxes xyxy. */
export interface BoxCoder {
  encode(boxes: Tensor, anchors: Anchors): Tensor;
  decode(deltas: Tensor, anchors: Anchors): Tensor;
}

type Four = readonly [Tensor, Tensor, Tensor, Tensor];

const columns = (values: Tensor) => values.unbind({ dim: -1 }) as unknown as Four;
const stacked = (values: Four) => ops.stack([...values], { dim: -1 });

/** The coder of a recipe; `yxhw` regresses rows before columns, as the RetinaNet tutorial does. */
export function boxCoder(options: CoderOptions): BoxCoder {
  const coder = options.regress === "corners" ? cornerCoder() : deltaCoder(options);
  return options.order === "yxhw" ? transposed(coder) : coder;
}

export interface DeltaCoderOptions {
  weights: readonly [x: number, y: number, width: number, height: number];
  /** Decoded sizes grow at most by e to this. */
  maxLogScale?: number | undefined;
  /** Boxes are encoded as at least so wide and high. */
  minSide?: number;
  /** Of a box: x1 + width / 2, or (x1 + x2) / 2. */
  center?: CoderOptions["center"];
}

function transposed({ encode, decode }: BoxCoder): BoxCoder {
  const swap = (deltas: Tensor) => {
    const [a, b, c, d] = columns(deltas);
    return stacked([b, a, d, c]);
  };
  return {
    encode: (boxes, anchors) => scope(() => swap(encode(boxes, anchors))),
    decode: (deltas, anchors) => scope(() => decode(swap(deltas), anchors)),
  };
}

function centres(boxes: Tensor, center: CoderOptions["center"]) {
  const [x1, y1, x2, y2] = columns(boxes);
  const width = x2.sub(x1);
  const height = y2.sub(y1);
  if (center === "mean") return { x: x1.add(x2).mul(0.5), y: y1.add(y2).mul(0.5), width, height };
  return { x: x1.add(width.mul(0.5)), y: y1.add(height.mul(0.5)), width, height };
}

function centred({ cxcywh }: Anchors) {
  const [x, y, width, height] = columns(cxcywh);
  return { x, y, width, height };
}

/**
 *     dx = wx (x - xa) / wa     dw = ww ln(w / wa)     and the same in y
 *
 * A weight is the inverse of what other systems call a variance.
 *
 * @see Girshick et al. 2014, appendix C; agrees with torchvision's BoxCoder, pytorch-ssd's, GluonCV's and MobileSparrow's codes
 */
export function deltaCoder({ weights, maxLogScale, minSide = 0, center = "offset" }: DeltaCoderOptions): BoxCoder {
  const [wx, wy, ww, wh] = weights;
  const side = (length: Tensor) => (minSide === 0 ? length : length.clampMin(minSide));
  const growth = (log: Tensor) => (maxLogScale === undefined ? log : log.clampMax(maxLogScale)).exp();
  return {
    encode: (boxes, anchors) =>
      scope(() => {
        const box = centres(boxes, center);
        const anchor = centred(anchors);
        const dx = box.x.sub(anchor.x).mul(wx).div(anchor.width);
        const dy = box.y.sub(anchor.y).mul(wy).div(anchor.height);
        const dw = side(box.width).div(anchor.width).log().mul(ww);
        const dh = side(box.height).div(anchor.height).log().mul(wh);
        return stacked([dx, dy, dw, dh]);
      }),
    decode: (deltas, anchors) =>
      scope(() => {
        const [dx, dy, dw, dh] = columns(deltas);
        const anchor = centred(anchors);
        const x = dx.div(wx).mul(anchor.width).add(anchor.x);
        const y = dy.div(wy).mul(anchor.height).add(anchor.y);
        const halfWidth = growth(dw.div(ww)).mul(anchor.width).mul(0.5);
        const halfHeight = growth(dh.div(wh)).mul(anchor.height).mul(0.5);
        return stacked([x.sub(halfWidth), y.sub(halfHeight), x.add(halfWidth), y.add(halfHeight)]);
      }),
  };
}

/** The way of each corner in sides of the anchor (the RetinaNet tutorial's later repository). */
function cornerCoder(): BoxCoder {
  const sides = (anchors: Anchors) => {
    const { width, height } = centred(anchors);
    return stacked([width, height, width, height]);
  };
  return {
    encode: (boxes, anchors) => scope(() => boxes.sub(anchors.xyxy).div(sides(anchors))),
    decode: (deltas, anchors) => scope(() => deltas.mul(sides(anchors)).add(anchors.xyxy)),
  };
}

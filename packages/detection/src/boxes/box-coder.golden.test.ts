import { expectClose, golden, goldenInput, type InputRecipe } from "@singleshot/testing";
import { ops, scope, type Tensor, tensor } from "@singleshot/torch";
import { describe, test } from "vitest";
import { detectorSchemaPart } from "../recipes/index.js";
import { boxCoder } from "./index.js";

type Four = [number, number, number, number];

const coderOf = (options: Parameters<typeof detectorSchemaPart.coder.parse>[0]) => boxCoder(detectorSchemaPart.coder.parse(options));
/** Anchors that an original keeps as corners, or as centres and sizes. */
const byCorners = (rows: number[][]) => {
  const xyxy = tensor(rows);
  const [x1, y1, x2, y2] = xyxy.unbind({ dim: -1 }) as [Tensor, Tensor, Tensor, Tensor];
  const [w, h] = [x2.sub(x1), y2.sub(y1)];
  return { xyxy, cxcywh: ops.stack([x1.add(w.mul(0.5)), y1.add(h.mul(0.5)), w, h], { dim: -1 }) };
};
const byCentres = (rows: Four[]) => ({ xyxy: tensor(rows.map(corners)), cxcywh: tensor(rows) });
const corners = ([x, y, w, h]: Four): Four => [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
const tolerance = { rtol: 2e-6, atol: 2e-9 };
const largest = (values: number[][]) => Math.max(1, ...values.flat().map(Math.abs));

const { boxes, anchors, codes, torchvision, pytorch_ssd } = golden("boxes/coders") as {
  boxes: number[][];
  anchors: number[][];
  codes: number[][];
  torchvision: { weights: Four; encoded: number[][]; decoded: number[][] }[];
  pytorch_ssd: {
    boxes_cxcywh: Four[];
    priors_cxcywh: Four[];
    locations_in: number[][];
    encoded: number[][];
    decoded_cxcywh: Four[];
    center_variance: number;
    size_variance: number;
  };
};

describe("the delta coder equals torchvision's", () => {
  test.each(torchvision)("weights $weights", ({ weights, encoded, decoded }) => {
    const coder = coderOf({ weights, maxLogScale: Math.log(1000 / 16) });
    const [ours, back] = scope(() => [coder.encode(tensor(boxes), byCorners(anchors)), coder.decode(tensor(codes), byCorners(anchors))]);
    expectClose(ours!.toTypedArray(), encoded, { ...tolerance, name: "encoded" });
    expectClose(back!.toTypedArray(), decoded, { rtol: 2e-6, atol: 2e-6 * largest(decoded), name: "decoded" });
  });
});

test("codes equal pytorch-ssd's: variances 0.1 and 0.2, no limit on sizes", () => {
  const coder = coderOf({ center: "mean" });
  const priors = byCentres(pytorch_ssd.priors_cxcywh);
  const [ours, back] = scope(() => [
    coder.encode(tensor(pytorch_ssd.boxes_cxcywh.map(corners)), priors),
    coder.decode(tensor(pytorch_ssd.locations_in), priors),
  ]);
  expectClose(ours!.toTypedArray(), pytorch_ssd.encoded, { rtol: 2e-6, atol: 2e-5, name: "encoded" }); // the boxes are given by centre and size, and we take corners
  const decoded = pytorch_ssd.decoded_cxcywh.map(corners);
  expectClose(back!.toTypedArray(), decoded, { rtol: 2e-6, atol: 2e-6 * largest(decoded), name: "decoded" });
});

test("codes equal MobileSparrow's: a box without area is taken for a tiny one", () => {
  const {
    anchors_cxcywh,
    boxes: own,
    encoded,
    deltas,
    decoded,
  } = golden("boxes/sparrow").coder as {
    anchors_cxcywh: Four[];
    boxes: number[][];
    encoded: number[][];
    deltas: InputRecipe;
    decoded: number[][];
  };
  const coder = coderOf({ minSide: 1e-6 });
  const table = byCentres(anchors_cxcywh);
  const [ours, back] = scope(() => {
    const { data, shape } = goldenInput(deltas);
    return [coder.encode(tensor(own), table), coder.decode(tensor(data, { shape }), table)];
  });
  expectClose(ours!.toTypedArray(), encoded, { ...tolerance, name: "encoded" });
  expectClose(back!.toTypedArray(), decoded, { ...tolerance, name: "decoded" });
});

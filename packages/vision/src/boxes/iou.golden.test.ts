import { expectClose, golden } from "@singleshot/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxAreas, boxIou, clipBoxes, cxcywhToXyxy, takeBoxes, xyxyToCxcywh } from "./index.js";

const { a, b, ...theirs } = golden("boxes/iou");
const [boxesA, boxesB] = [Float32Array.from(a.flat()), Float32Array.from(b.flat())];
const tolerance = { rtol: 2e-6, atol: 2e-9 };

/** Boxes with corners in order, on a grid: equal, touching and empty ones are frequent. */
const boxes = fc
  .array(fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 12 }))), { minLength: 1, maxLength: 12 })
  .map((rows) => Float32Array.from(rows.flatMap(([x, y, w, h]) => [x!, y!, x! + w!, y! + h!])));

describe("boxes equal the originals", () => {
  test("IoU and areas equal torchvision's, 0/0 is NaN", () => {
    expectClose(boxIou(boxesA, boxesB), theirs.box_iou, { ...tolerance, name: "box_iou" });
    expectClose(boxAreas(boxesA), theirs.box_area_a, { ...tolerance, name: "box_area" });
  });

  test("IoU with an epsilon equals pytorch-ssd's", () => {
    const { a, b, iou } = theirs.pytorch_ssd_iou_of;
    expectClose(boxIou(Float32Array.from(a.flat()), Float32Array.from(b.flat()), { epsilon: 1e-5 }), iou, tolerance);
  });

  test("clipping equals torchvision's", () => {
    const { size_hw, boxes } = theirs.clip_boxes_to_image;
    expectClose(clipBoxes(boxesA, { height: size_hw[0], width: size_hw[1] }), boxes, tolerance);
  });

  test("centre form and back equal pytorch-ssd's", () => {
    const { from, center, corner_again } = theirs.center_form;
    const side = Number(from.split("/")[1]); // "a/300"
    const relative = boxesA.map((x) => x / side);
    expectClose(xyxyToCxcywh(relative), center, { rtol: 2e-6, atol: 2e-8 });
    expectClose(cxcywhToXyxy(xyxyToCxcywh(relative)), corner_again, { rtol: 2e-6, atol: 2e-8 });
  });
});

describe("laws of boxes", () => {
  test("IoU is symmetric, within 0 and 1, and 1 with itself unless a box is empty", () => {
    fc.assert(
      fc.property(boxes, boxes, (p, q) => {
        const [n, m] = [p.length / 4, q.length / 4];
        const [pq, qp, pp, areas] = [boxIou(p, q), boxIou(q, p), boxIou(p, p), boxAreas(p)];
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < m; j++) {
            expect(Object.is(pq[i * m + j], qp[j * n + i])).toBe(true);
            expect(pq[i * m + j]! < 0 || pq[i * m + j]! > 1).toBe(false);
          }
          expect(pp[i * n + i]).toBe(areas[i]! > 0 ? 1 : Number.NaN);
        }
      }),
    );
  });

  test("IoU counts the cells that two boxes on a grid have in common", () => {
    const cells = (box: ArrayLike<number>) => {
      const [x1, y1, x2, y2] = Array.from(box) as [number, number, number, number];
      return new Set(Array.from({ length: (x2 - x1) * (y2 - y1) }, (_, i) => `${x1 + (i % (x2 - x1))},${y1 + Math.floor(i / (x2 - x1))}`));
    };
    fc.assert(
      fc.property(boxes, boxes, (p, q) => {
        const [one, other] = [cells(p.subarray(0, 4)), cells(q.subarray(0, 4))];
        const common = [...one].filter((cell) => other.has(cell)).length;
        const expected = common / (one.size + other.size - common);
        expectClose(boxIou(p.subarray(0, 4), q.subarray(0, 4)), [expected], { rtol: 1e-7 });
      }),
    );
  });

  test("float64 boxes stay float64, and nothing changes its argument", () => {
    const box = Float64Array.of(0.125, 2 ** -40, 10.25, 20.5);
    const copy = box.slice();
    expect(boxIou(box, box)).toEqual(Float64Array.of(1));
    expect(takeBoxes(box, [0, 0])).toEqual(Float64Array.of(...box, ...box));
    expect(cxcywhToXyxy(xyxyToCxcywh(box))).toEqual(box);
    expect(clipBoxes(box, { width: 5, height: 6 })).toEqual(Float64Array.of(0.125, 2 ** -40, 5, 6));
    expect(box).toEqual(copy);
  });
});

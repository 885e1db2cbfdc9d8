import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxIou } from "../boxes/index.js";
import { anchorRecall, bestAnchors, groupBySize, SIZE_NAMES } from "./anchor-recall.js";
import { clusterShapes, meanOverlap, type Shape, shapeIou } from "./cluster-shapes.js";
import { aspectsOf, factorEdges, histogram, sidesOf } from "./shapes.js";

const side = fc.double({ min: 1, max: 60, noNaN: true });
const boxes = (n: number) =>
  fc
    .array(fc.tuple(side, side, side, side), { minLength: 1, maxLength: n })
    .map((rows) => Float64Array.from(rows.flatMap(([x, y, w, h]) => [x, y, x + w, y + h])));
const shape: fc.Arbitrary<Shape> = fc.tuple(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }));
const shapes = fc.array(shape, { minLength: 1, maxLength: 40 });

describe("anchors", () => {
  test("the best overlap is the highest of all pairs", () => {
    fc.assert(
      fc.property(boxes(6), boxes(20), (objects, anchors) => {
        const { iou, anchor } = bestAnchors(objects, anchors);
        const all = boxIou(objects, anchors);
        const A = anchors.length / 4;
        iou.forEach((value, i) => {
          expect(value).toBeCloseTo(Math.max(...all.subarray(i * A, (i + 1) * A)), 12);
          if (value > 0) expect(all[i * A + anchor[i]!]).toBeCloseTo(value, 12);
        });
      }),
    );
  });

  test("objects that are anchors are all reached, and more anchors never reach less", () => {
    fc.assert(
      fc.property(boxes(6), boxes(6), (objects, anchors) => {
        const all = [...objects.keys()].filter((i) => i % 4 === 0).map((i) => i / 4);
        const both = Float64Array.from([...anchors, ...objects]);
        expect(anchorRecall(bestAnchors(objects, both).iou, all, [0.99])).toMatchObject({ objects: all.length, recall: [1] });
        const few = bestAnchors(objects, anchors).iou;
        const many = bestAnchors(objects, both).iou;
        expect(few.every((value, i) => value <= many[i]!)).toBe(true);
      }),
    );
  });

  test("of no objects there is no recall", () => {
    expect(anchorRecall([], [], [0.5])).toEqual({ objects: 0, recall: [null], meanIou: null });
  });

  test("objects are grouped by size", () => {
    expect(SIZE_NAMES).toEqual(["under 16", "16 to 32", "32 to 64", "64 to 128", "128 to 256", "256 and more"]);
    expect(groupBySize([3, 16, 500, 31.9])).toEqual([[0], [1, 3], [], [], [], [2]]);
  });
});

describe("clusters", () => {
  test("as many as there are different shapes fit all of them", () => {
    fc.assert(
      fc.property(fc.uniqueArray(shape, { minLength: 1, maxLength: 6, selector: String }), (own) => {
        expect(clusterShapes(own, { count: own.length }).meanIou).toBeCloseTo(1, 9);
      }),
    );
  });

  test("the same seed gives the same shapes, from small to large, and the mean overlap that they have", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 5 }), fc.nat(), (own, count, seed) => {
        const result = clusterShapes(own, { count, seed });
        expect(clusterShapes(own, { count, seed })).toEqual(result);
        expect(result.shapes.length).toBeLessThanOrEqual(count);
        const areas = result.shapes.map(([w, h]) => w * h);
        expect(areas).toEqual(areas.toSorted((a, b) => a - b));
        expect(result.meanIou).toBeCloseTo(meanOverlap(own, result.shapes), 12);
      }),
    );
  });

  test("two heaps of shapes get one each", () => {
    const heap = (w: number, h: number) => Array.from({ length: 10 }, (_, i): Shape => [w + i / 1000, h - i / 1000]);
    const { shapes: found } = clusterShapes([...heap(0.1, 0.1), ...heap(0.6, 0.3)], { count: 2 });
    expect(found.map((one) => one.map((value) => value.toFixed(2)))).toEqual([
      ["0.10", "0.10"],
      ["0.60", "0.30"],
    ]);
  });

  test("no objects, no shapes", () => {
    expect(clusterShapes([], { count: 3 })).toEqual({ shapes: [], meanIou: 0 });
  });

  test("the overlap of shapes is symmetric, and 1 with itself", () => {
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        expect(shapeIou(a, b)).toBe(shapeIou(b, a));
        expect(shapeIou(a, a)).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe("histograms", () => {
  test("every value is counted once, those outside in the outer bins", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ noNaN: true }), fc.integer({ min: 1, max: 3 }))), (rows) => {
        const values = rows.map(([value]) => value);
        const { counts } = histogram(
          values,
          rows.map(([, label]) => label),
          factorEdges(1, 64, 6),
          3,
        );
        expect(counts.flatMap((bins) => [...bins]).reduce((a, b) => a + b, 0)).toBe(rows.length);
      }),
    );
    expect(histogram([0.5, 1, 3.9, 4, 99], [1, 1, 1, 2, 2], [1, 2, 4, 8], 2).counts.map((bins) => [...bins])).toEqual([
      [2, 1, 0],
      [0, 0, 2],
    ]);
  });

  test("sides and aspects of boxes", () => {
    const two = Float64Array.of(0, 0, 4, 9, 1, 1, 3, 2);
    expect([[...sidesOf(two)], [...aspectsOf(two)]]).toEqual([
      [6, Math.SQRT2],
      [4 / 9, 2],
    ]);
  });
});

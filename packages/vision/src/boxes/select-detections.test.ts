import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxIou, type SelectionOptions, selectDetections } from "./index.js";

const CLASSES = 3;
const tables = fc
  .array(
    fc.tuple(
      fc.tuple(fc.nat(20), fc.nat(20), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })),
      fc.array(fc.nat(100), { minLength: 3, maxLength: 3 }),
    ),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((rows) => ({
    boxes: Float32Array.from(rows.flatMap(([[x, y, w, h]]) => [x, y, x + w, y + h])),
    scores: Float32Array.from(rows.flatMap(([, own]) => own.map((score) => score / 100))),
    rows: rows.length,
  }));

const base: SelectionOptions = { classes: CLASSES, scoreThreshold: 0.2, nms: { iouThreshold: 0.5 } };
const iou = (boxes: Float32Array, a: number, b: number) => boxIou(boxes.subarray(4 * a, 4 * a + 4), boxes.subarray(4 * b, 4 * b + 4))[0]!;

describe("what is selected", () => {
  const variants = fc.record({
    candidates: fc.record({
      per: fc.constantFrom<"class" | "image">("class", "image"),
      count: fc.integer({ min: 1, max: 20 }),
      bestClassOnly: fc.boolean(),
    }),
    nms: fc.record({ iouThreshold: fc.constantFrom(0.3, 0.5, 0.7), classAgnostic: fc.boolean(), inclusive: fc.boolean() }),
    maxDetections: fc.integer({ min: 1, max: 20 }),
    maxPerClass: fc.integer({ min: 1, max: 8 }),
  });

  test("is above the threshold, best first, within the limits, and no two rivals overlap", () => {
    fc.assert(
      fc.property(tables, variants, ({ boxes, scores }, variant) => {
        const found = selectDetections(boxes, scores, { ...base, ...variant });
        expect(found.scores.length).toBeLessThanOrEqual(variant.maxDetections);
        expect(found.scores.every((score, k) => score > 0.2 && (k === 0 || score <= found.scores[k - 1]!))).toBe(true);
        for (const [k, label] of found.labels.entries()) {
          expect(found.scores[k]).toBe(scores[found.indices[k]! * CLASSES + label]);
          const rivals = [...found.labels.entries()].filter(([other, own]) => other < k && (variant.nms.classAgnostic || own === label));
          for (const [other] of rivals) {
            const overlap = iou(found.boxes, other, k);
            expect(variant.nms.inclusive ? overlap < variant.nms.iouThreshold : overlap <= variant.nms.iouThreshold).toBe(true);
          }
        }
        if (!variant.nms.classAgnostic)
          for (let label = 0; label < CLASSES; label++)
            expect(found.labels.filter((own) => own === label).length).toBeLessThanOrEqual(variant.maxPerClass);
        if (variant.candidates.bestClassOnly) expect(new Set(found.indices).size).toBe(found.indices.length);
      }),
    );
  });

  test("level by level is what the levels give alone, before they compete", () => {
    fc.assert(
      fc.property(tables, fc.nat(29), fc.integer({ min: 1, max: 9 }), ({ boxes, scores, rows }, cut, count) => {
        const first = Math.min(cut, rows);
        const nms = { iouThreshold: 1 }; // nothing is suppressed
        const whole = selectDetections(boxes, scores, { ...base, nms, candidates: { per: "level", count, levels: [first, rows - first] } });
        const alone = (from: number, to: number) => [
          ...selectDetections(boxes.slice(4 * from, 4 * to), scores.slice(CLASSES * from, CLASSES * to), {
            ...base,
            nms,
            candidates: { per: "image", count },
          }).scores,
        ];
        expect([...whole.scores]).toEqual([...alone(0, first), ...alone(first, rows)].sort((a, b) => b - a));
      }),
    );
  });

  test("softly keeps what hard suppression removes, with a lower score", () => {
    const boxes = Float32Array.of(0, 0, 10, 10, 0, 0, 10, 9);
    const scores = Float32Array.of(0.9, 0.8);
    const hard = selectDetections(boxes, scores, { classes: 1, scoreThreshold: 0.01, nms: { iouThreshold: 0.5 } });
    const soft = selectDetections(boxes, scores, { classes: 1, scoreThreshold: 0.01, nms: { iouThreshold: 0.5, method: "soft" } });
    expect([...hard.indices]).toEqual([0]);
    expect([...soft.indices]).toEqual([0, 1]);
    expect(soft.scores[1]).toBeCloseTo(0.8 * Math.exp(-(0.9 ** 2) / 0.5), 5);
  });

  test("of a small box in a large one: they hardly overlap by their union, wholly by the smaller", () => {
    const boxes = Float32Array.of(0, 0, 100, 100, 10, 10, 20, 20);
    const scores = Float32Array.of(0.9, 0.8);
    const by = (overlap: "union" | "smaller") =>
      selectDetections(boxes, scores, { classes: 1, scoreThreshold: 0.1, nms: { iouThreshold: 0.5, overlap } }).indices.length;
    expect([by("union"), by("smaller")]).toEqual([2, 1]);
  });

  test("has labels counted from the column that is named", () => {
    const scores = Float32Array.of(0.1, 0.9, 0.8);
    const of = (columns: { firstColumn?: number; firstLabel?: number }) => [
      ...selectDetections(Float32Array.of(0, 0, 1, 1), scores, { ...base, ...columns }).labels,
    ];
    expect(of({ firstColumn: 1 })).toEqual([1, 2]);
    expect(of({ firstLabel: 1 })).toEqual([2, 3]);
  });
});

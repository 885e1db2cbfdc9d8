import { expectClose, golden } from "@singleshot/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxIou, classwiseNms, nms, type SelectionOptions, selectDetections, softNms, takeBoxes, topK } from "./index.js";

const { cases, pytorch_ssd } = golden("boxes/nms");
const flat = (rows: number[][]) => Float32Array.from(rows.flat());

describe("suppression equals the originals", () => {
  test.each<(typeof cases)[number]>(cases)("torchvision's $op: $name", ({ op, boxes, scores, idxs, keep, iou_threshold: iouThreshold }) => {
    const ours =
      op === "nms"
        ? nms(flat(boxes), Float32Array.from(scores), { iouThreshold })
        : classwiseNms(flat(boxes), Float32Array.from(scores), idxs, { iouThreshold });
    expect([...ours]).toEqual(keep);
  });

  test("pytorch-ssd's hard and soft suppression", () => {
    for (const { op, box_scores, result, top_k, candidate_size, iou_threshold, score_threshold, sigma } of pytorch_ssd) {
      const boxes = flat(box_scores.map((row: number[]) => row.slice(0, 4)));
      const scores = Float32Array.from(box_scores, (row: number[]) => row[4]!);
      const settings = { epsilon: 1e-5, maxDetections: top_k > 0 ? top_k : scores.length };
      const ours =
        op === "hard_nms"
          ? withScores(nms(boxes, scores, { ...settings, iouThreshold: iou_threshold, candidates: candidate_size }))
          : softNms(boxes, scores, { ...settings, scoreThreshold: score_threshold, sigma });
      const rows = Array.from(ours.indices, (i, k) => [...takeBoxes(boxes, [i]), ours.scores[k]!]);
      expectClose(rows, result, { rtol: 2e-6, name: op });

      function withScores(indices: Uint32Array) {
        return { indices, scores: Float32Array.from(indices, (i) => scores[i]!) };
      }
    }
  });
});

/** Boxes that overlap much, scores that are often equal. */
const candidates = fc.array(fc.tuple(...[9, 9, 6, 6, 5, 3].map((max) => fc.integer({ min: 0, max }))), { maxLength: 40 }).map((rows) => ({
  boxes: flat(rows.map(([x, y, w, h]) => [x!, y!, x! + w!, y! + h!])),
  scores: Float32Array.from(rows, (row) => row[4]! / 5),
  labels: Int32Array.from(rows, (row) => row[5]!),
}));
const threshold = fc.constantFrom(0, 0.3, 0.5, 0.75, 1);

/** The definition, word for word. */
function plainNms(boxes: Float32Array, scores: Float32Array, labels: ArrayLike<number>, iouThreshold: number): number[] {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  const iou = boxIou(boxes, boxes);
  const kept: number[] = [];
  for (const i of order) {
    if (!kept.some((j) => labels[i] === labels[j] && iou[i * scores.length + j]! > iouThreshold)) kept.push(i);
  }
  return kept;
}

/** The same for a table of scores: cells (row · classes + column), best first. */
function plainSelection(
  boxes: Float32Array,
  scores: Float32Array,
  { classes, firstColumn = 0, scoreThreshold, candidates = {}, nms, maxPerClass = 99, maxDetections = 99 }: SelectionOptions,
): number[] {
  const { per, count = 999, bestClassOnly, levels = [] } = candidates;
  const [row, column] = [(cell: number) => Math.floor(cell / classes), (cell: number) => cell % classes];
  const bestOfRow = (cell: number) => {
    const columns = Array.from({ length: classes - firstColumn }, (_, c) => row(cell) * classes + firstColumn + c);
    return columns.find((other) => scores[other] === Math.max(...columns.map((one) => scores[one]!))) === cell;
  };
  const groupOf = (cell: number) => (per === "class" ? column(cell) : per === "level" ? Number(row(cell) >= levels[0]!) : 0);
  const seen = new Map<number, number>();
  const kept: number[] = [];
  const cells = [...scores.keys()].filter((cell) => column(cell) >= firstColumn && scores[cell]! > scoreThreshold);
  for (const cell of cells.filter((one) => !bestClassOnly || bestOfRow(one)).sort((a, b) => scores[b]! - scores[a]! || a - b)) {
    const rank = seen.get(groupOf(cell)) ?? 0;
    seen.set(groupOf(cell), rank + 1);
    const own = kept.filter((other) => column(other) === column(cell));
    const rivals = nms.classAgnostic ? kept : own;
    const overlap = (other: number) => boxIou(takeBoxes(boxes, [row(cell)]), takeBoxes(boxes, [row(other)]))[0]!;
    if (rank < count && own.length < maxPerClass && !rivals.some((other) => overlap(other) > nms.iouThreshold)) kept.push(cell);
  }
  return kept.sort((a, b) => scores[b]! - scores[a]! || column(a) - column(b)).slice(0, maxDetections);
}

describe("laws of suppression", () => {
  test("it is the definition", () => {
    fc.assert(
      fc.property(candidates, threshold, ({ boxes, scores, labels }, iouThreshold) => {
        const same = new Int32Array(scores.length);
        expect([...nms(boxes, scores, { iouThreshold })]).toEqual(plainNms(boxes, scores, same, iouThreshold));
        expect([...classwiseNms(boxes, scores, labels, { iouThreshold })]).toEqual(plainNms(boxes, scores, labels, iouThreshold));
      }),
    );
  });

  test("its own result does not change, is sorted, and a limit cuts its end off", () => {
    fc.assert(
      fc.property(candidates, threshold, fc.integer({ min: 0, max: 9 }), ({ boxes, scores, labels }, iouThreshold, maxDetections) => {
        const kept = classwiseNms(boxes, scores, labels, { iouThreshold });
        const taken = Float32Array.from(kept, (i) => scores[i]!);
        const again = classwiseNms(
          takeBoxes(boxes, kept),
          taken,
          Int32Array.from(kept, (i) => labels[i]!),
          { iouThreshold },
        );
        expect([...again]).toEqual([...kept.keys()]);
        expect(taken).toEqual(taken.slice().sort().reverse());
        expect(classwiseNms(boxes, scores, labels, { iouThreshold, maxDetections })).toEqual(kept.slice(0, maxDetections));
        expect(nms(boxes, scores, { iouThreshold, maxDetections })).toEqual(nms(boxes, scores, { iouThreshold }).slice(0, maxDetections));
      }),
    );
  });

  test("a table of scores gives what its cells give as a list", () => {
    const table = fc.tuple(
      candidates,
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 160, maxLength: 160 }),
      fc.nat(1),
      fc.integer({ min: 0, max: 9 }),
    );
    fc.assert(
      fc.property(table, threshold, ([{ boxes }, numbers, firstLabel, candidatesPerClass], iouThreshold) => {
        const [rows, classes] = [boxes.length / 4, 4];
        const scores = Float32Array.from(numbers.slice(0, rows * classes), (x) => x / 20);
        const settings = { iouThreshold, candidatesPerClass, scoreThreshold: 0.1, maxDetections: 12 };
        const cells = Array.from({ length: classes - firstLabel }, (_, c) =>
          Array.from({ length: rows }, (_, r) => [c + firstLabel, r]),
        ).flat();
        const [labels, owners] = [cells.map(([c]) => c!), cells.map(([, r]) => r!)];
        const listed = Float32Array.from(cells, ([c, r]) => scores[r! * classes + c!]!);
        const kept = classwiseNms(takeBoxes(boxes, owners), listed, labels, settings); // label by label, so ties fall alike
        const { iouThreshold: overlap, candidatesPerClass: count, scoreThreshold, maxDetections } = settings;
        const rules = { scoreThreshold, candidates: { count }, nms: { iouThreshold: overlap }, maxDetections };
        const ours = selectDetections(boxes, scores, { classes, firstColumn: firstLabel, ...rules });
        expect([...ours.indices]).toEqual(Array.from(kept, (k) => owners[k]!));
        expect([...ours.labels]).toEqual(Array.from(kept, (k) => labels[k]!));
        expect(ours.scores).toEqual(Float32Array.from(kept, (k) => listed[k]!));
        expect(ours.boxes).toEqual(takeBoxes(boxes, ours.indices));
      }),
    );
  });

  test("whatever the rules, a table gives what they say word for word", () => {
    const rules = fc.record({
      rows: candidates,
      numbers: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 160, maxLength: 160 }),
      firstColumn: fc.nat(1),
      scoreThreshold: fc.constantFrom(0, 0.2),
      per: fc.constantFrom("class", "level", "image"),
      count: fc.option(fc.nat(9), { nil: undefined }),
      bestClassOnly: fc.boolean(),
      iouThreshold: threshold,
      classAgnostic: fc.boolean(),
      maxPerClass: fc.option(fc.nat(4), { nil: undefined }),
      maxDetections: fc.option(fc.nat(12), { nil: undefined }),
      split: fc.nat(40),
    });
    fc.assert(
      fc.property(rules, ({ rows: { boxes }, numbers, split, iouThreshold, classAgnostic, per, count, bestClassOnly, ...rest }) => {
        const [A, classes] = [boxes.length / 4, 4];
        const scores = Float32Array.from(numbers.slice(0, A * classes), (x) => x / 20);
        const levels = [Math.min(split, A), A - Math.min(split, A)];
        const options = { classes, ...rest, candidates: { per, count, bestClassOnly, levels }, nms: { iouThreshold, classAgnostic } };
        const { indices, labels } = selectDetections(boxes, scores, options);
        expect(Array.from(indices, (row, k) => row * classes + labels[k]!)).toEqual(plainSelection(boxes, scores, options));
      }),
      { numRuns: 300 },
    );
  });

  test("a NaN is never kept", () => {
    const boxes = Float32Array.of(0, 0, 1, 1, 5, 5, 6, 6);
    const scores = Float32Array.of(Number.NaN, 0.5);
    expect([...nms(boxes, scores, { iouThreshold: 0.5 })]).toEqual([1]);
    expect([...classwiseNms(boxes, scores, [1, 1], { iouThreshold: 0.5 })]).toEqual([1]);
    expect([...softNms(boxes, scores, { scoreThreshold: 0 }).indices]).toEqual([1]);
  });
});

describe("the k best", () => {
  test("are the first k of a stable sort", () => {
    const scores = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ noNaN: true })), { maxLength: 200 });
    fc.assert(
      fc.property(scores, fc.nat(210), fc.constantFrom(Number.NEGATIVE_INFINITY, -1, 0, 2.5), (numbers, k, threshold) => {
        for (const values of [Float32Array.from(numbers), Float64Array.from(numbers)]) {
          const expected = [...values.keys()].filter((i) => values[i]! > threshold).sort((a, b) => values[b]! - values[a]! || a - b);
          expect([...topK(values, k, threshold)]).toEqual(expected.slice(0, k));
        }
      }),
    );
  });

  test("are found in long lists with many ties", () => {
    const values = Float32Array.from({ length: 50_000 }, (_, i) => ((i * 7919) % 1000) / 1000);
    const sorted = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b);
    for (const k of [1, 49, 50, 51, 1234, 50_000]) expect([...topK(values, k)]).toEqual(sorted.slice(0, k));
  });
});

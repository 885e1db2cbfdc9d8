import { expect, test } from "vitest";
import { type AnswerTable, above, detectionsOf, inPicture, layPicture, pictureRecord, type SelectionRules } from "./index.js";

const rules: SelectionRules = { scoreThreshold: 0.15, nms: { iouThreshold: 0.5 }, clip: "before-nms", clipTo: "border" };
const table = (rest: Partial<AnswerTable>): AnswerTable => ({
  scores: new Float32Array([0.2, 0.8, 0.1, 0.9]),
  boxes: new Float32Array([-10, 5, 30, 35, 60, 60, 90, 90]),
  kind: "sigmoid",
  levels: [2],
  input: { width: 100, height: 80 },
  ...rest,
});
const listed = ({ boxes, labels, scores }: ReturnType<typeof detectionsOf>) =>
  Array.from(labels, (label, k) => [label, Number(scores[k]!.toFixed(3)), ...boxes.subarray(4 * k, 4 * k + 4)]);

test("what the columns are decides the labels", () => {
  expect(listed(detectionsOf(table({}), rules))).toEqual([
    [2, 0.9, 60, 60, 90, 80],
    [2, 0.8, 0, 5, 30, 35],
    [1, 0.2, 0, 5, 30, 35],
  ]);
  expect(listed(detectionsOf(table({ kind: "softmax" }), rules)).map(([label]) => label)).toEqual([1, 1]);
  expect(listed(detectionsOf(table({ kind: "sigmoid-with-background" }), rules)).map(([label]) => label)).toEqual([1, 1, 0]);
});

test("boxes are cut at the picture's part of the input, before the suppression, after it, or never", () => {
  const window = { left: 10, top: 10, width: 60, height: 60 };
  const boxes = (change: Partial<SelectionRules>) =>
    listed(detectionsOf(table({ kind: "softmax", window }), { ...rules, ...change })).map(([, , ...box]) => box);
  expect(boxes({})).toEqual(boxes({ clip: "after-nms" }));
  expect(boxes({})).toEqual([
    [60, 60, 70, 70],
    [10, 10, 30, 35],
  ]);
  expect(boxes({ clipTo: "last-pixel" })[0]).toEqual([60, 60, 69, 69]);
  expect(boxes({ clip: "none" })[1]).toEqual([-10, 5, 30, 35]);
});

test("a picture laid into the input, its detections led back, background left out, as JSON", () => {
  const picture = { data: new Uint8Array(3 * 200 * 100).fill(7), width: 200, height: 100 };
  const fill = [1, 2, 3] as const;
  const { image, placement } = layPicture(picture, { resize: "letterbox", width: 100, height: 80, fill, align: "center", enlarge: true });
  expect([...image.data.subarray(0, 3), ...image.data.subarray(3 * 100 * 15, 3 * 100 * 15 + 3)]).toEqual([1, 2, 3, 7, 7, 7]);
  const scores = new Float32Array([0.75, 0.5, 0.25]);
  const labels = new Int32Array([1, 0, 2]);
  const found = { boxes: new Float32Array([0, 15, 50, 65, 0, 0, 9, 9, 10, 20, 30, 200]), labels, scores };
  const seen = inPicture(found, placement, picture, { clips: true });
  expect(pictureRecord("a.jpg", picture, seen, ["cat", "dog"])).toEqual({
    file: "a.jpg",
    width: 200,
    height: 100,
    detections: [
      { label: "cat", labelId: 1, score: 0.75, box: [0, 0, 100, 100] },
      { label: "dog", labelId: 2, score: 0.25, box: [20, 10, 60, 100] },
    ],
  });
  expect([...above(seen, 0.5).labels]).toEqual([1]);
  expect([...above(seen, 0).labels]).toEqual([1, 2]);
});

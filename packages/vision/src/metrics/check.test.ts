import { InputError } from "@singleshot/base";
import { describe, expect, test } from "vitest";
import { evaluate, fromCocoJson, type ImageDetections, parseCocoText } from "./index.js";

const classes = ["cat", "dog"];
const truth = [{ image: 7, boxes: Float32Array.of(0, 0, 9, 9), labels: [1] }];
const found: ImageDetections = { image: 7, boxes: Float32Array.of(0, 0, 9, 9), labels: [2], scores: [0.5] };
const annotations = {
  images: [{ id: 7 }],
  annotations: [{ id: 1, image_id: 7, category_id: 3, bbox: [0, 0, 9, 9] }],
  categories: [{ id: 3, name: "cat" }],
};
const detection = { image_id: 7, category_id: 3, bbox: [0, 0, 9, 9], score: 0.5 };

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

describe("wrong records are named", () => {
  test.each([
    [
      { ...found, scores: [Number.NaN] },
      "picture 7, detection 1 (dog): its score is NaN. Scores must be numbers; a detector that gives NaN has diverged.",
    ],
    [{ ...found, boxes: Float32Array.of(0, 0, Infinity, 9) }, "picture 7, detection 1: box [0, 0, Infinity, 9] is not finite"],
    [{ ...found, labels: [0] }, "picture 7, detection 1: label 0, but the labels of 2 classes are 1 to 2"],
    [{ ...found, labels: [1, 2] }, "picture 7: 2 labels, but boxes of length 4, not 8"],
    [{ ...found, scores: [] }, "picture 7: 1 labels, but scores of length 0"],
    [
      { ...found, image: "7" },
      'the ground truth has no picture "7". Give the ground truth that belongs to these detections; a number and the same digits as text are different names.',
    ],
  ])("detections %#", (record, message) => {
    for (const protocol of ["coco", "voc07", "voc"] as const) {
      expect(messageOf(() => evaluate(protocol, truth, [record], { classes }))).toBe(message);
    }
  });

  test("ground truth", () => {
    const withTruth = (...records: typeof truth) => messageOf(() => evaluate("coco", records, [], { classes }));
    expect(withTruth(...truth, ...truth)).toBe("picture 7 stands in the ground truth twice. Leave one of the two.");
    expect(withTruth({ ...truth[0]!, boxes: Float32Array.of(0, Number.NaN, 1, 1) })).toBe(
      "picture 7, ground truth 1: box [0, NaN, 1, 1] is not finite",
    );
  });
});

describe("wrong COCO files are named", () => {
  const read = (truth: unknown, results: unknown) =>
    messageOf(() => fromCocoJson(truth, results, { annotations: "val.json", detections: "found.json" }));

  test.each([
    [
      { ...detection, score: Number.NaN },
      "picture 7, detection 2 of the list: its score is NaN. Scores must be numbers; a detector that gives NaN has diverged.",
    ],
    [{ ...detection, score: null }, "detection 2 of the list: score null is not a number"],
    [{ ...detection, score: undefined }, "detection 2 of the list: score (missing) is not a number"],
    [
      { ...detection, bbox: [0, 0, 9] },
      "detection 2 of the list: bbox [0,0,9] is not four numbers. Write [x, y, width, height] in pixels.",
    ],
    [
      { ...detection, image_id: "7" },
      'the ground truth has no picture "7". Give the ground truth that belongs to these detections; a number and the same digits as text are different names.',
    ],
  ])("detections %#", (wrong, message) => {
    expect(read(annotations, [detection, wrong])).toBe(`found.json: ${message}`);
  });

  test("annotations", () => {
    const noBox = { ...annotations, annotations: [{ id: 4182, image_id: 7, category_id: 3 }] };
    expect(read(noBox, [])).toBe("val.json, annotation 4182: bbox (missing) is not four numbers. Write [x, y, width, height] in pixels.");
    expect(read([], [])).toBe('val.json: there is no list "images". Give a COCO annotation file (instances_….json).');
    expect(read(annotations, annotations)).toBe(
      'found.json: these are not COCO detections. Give a list of { "image_id", "category_id", "bbox": [x, y, width, height], "score" }.',
    );
  });

  test("a NaN that Python wrote is found in the text, and what is no JSON is said to be none", () => {
    const text = '[{"image_id": 7, "category_id": 3, "bbox": [0, 0, 9, 9], "score": NaN}]';
    expect(read(annotations, parseCocoText(text))).toMatch(/^found.json: picture 7, detection 1 of the list: its score is NaN\./);
    expect(parseCocoText("[1, 2]")).toEqual([1, 2]);
    expect(messageOf(() => parseCocoText("[1, 2", "found.json"))).toBe(
      "found.json: this is not JSON. Write the file again; it may have been cut off.",
    );
  });

  test("what does not count is noted", () => {
    const set = {
      ...annotations,
      annotations: [
        ...annotations.annotations,
        { id: 0, image_id: 7, category_id: 3, bbox: [0, 0, 9, 9] },
        { id: 2, image_id: 8, category_id: 3, bbox: [0, 0, 9, 9] },
      ],
    };
    expect(fromCocoJson(set, [detection, { ...detection, category_id: 91 }]).notes).toEqual([
      "Left out: annotations of pictures that the file does not list (1).",
      "Left out: detections of categories that the annotations do not list (1; categories 91).",
      "An annotation has the id 0: as in pycocotools, what matches it counts as wrong. Number annotations from 1 to have it count.",
    ]);
    expect(fromCocoJson(annotations, [detection]).notes).toEqual([]);
  });
});

import { golden } from "@singleshot/testing";
import { expect, test } from "vitest";
import { type Evaluation, evaluate, fromCocoJson, summary, table } from "./index.js";

const coco: Evaluation = {
  protocol: "coco",
  map: 0.41234,
  ap50: 0.7312,
  ap75: 0.4,
  coco: [0.41234, 0.7312, 0.4, 0.25, null, 1, 0.5, 0.6, 0.61, 0.3, null, 0.9],
  classes: [
    { name: "cat", ap: 0.41234, ap50: 0.7312, groundTruth: 52, detections: 1088 },
    { name: "traffic light", ap: null, ap50: null, groundTruth: 0, detections: 3 },
  ],
  images: 40,
};

test("COCO: classes, mean and the twelve numbers, with words where there is nothing to find", () => {
  expect(`\n${summary(coco)}\n`).toBe(`
COCO: average precision over IoU 0.50 to 0.95; 40 pictures

class          ground truth  detections     AP   AP50
cat                      52        1088  0.412  0.731
traffic light             0           3  no ground truth
mean                     52        1091  0.412  0.731

                                 all  small      medium  large
AP                             0.412  0.250  no objects  1.000
AP50                           0.731
AP75                           0.400
recall, 1 detection a picture  0.500
recall, 10 detections          0.600
recall, 100 detections         0.610  0.300  no objects  0.900
`);
});

test("labels that name nothing are left out where nothing was found either", () => {
  const none = { name: "N/A", ap: null, ap50: null, groundTruth: 0 };
  const classes = [coco.classes[0]!, { ...none, detections: 0 }, { ...none, detections: 7 }];
  const rows = summary({ ...coco, classes })
    .split("\n")
    .slice(3, 5);
  expect(rows).toEqual(["cat              52        1088  0.412  0.731", "N/A               0           7  no ground truth"]);
});

test("Pascal VOC: one number a class", () => {
  const classes = [
    { name: "pélican 🐦", ap: 0.5, groundTruth: 1, detections: 2 },
    { name: "a\nb", ap: null, groundTruth: 0, detections: 0 },
  ];
  expect(`\n${summary({ protocol: "voc07", map: 0.5, iouThreshold: 0.5, classes, images: 1 })}\n`).toBe(`
Pascal VOC 2007: average precision at 11 points, IoU 0.5; 1 picture

class      ground truth  detections     AP
pélican 🐦             1           2  0.500
a b                   0           0  no ground truth
mean                  1           2  0.500
`);
});

test("the RetinaNet tutorial's: three numbers a class", () => {
  const truth = [{ image: 1, boxes: Float64Array.of(0, 0, 99, 99), labels: [1] }];
  const found = [{ ...truth[0]!, boxes: Float64Array.of(0, 0, 99, 79), scores: [0.5] }];
  expect(`\n${summary(evaluate("retinanet", truth, found, { classes: ["cat", "owl"] }))}\n`).toBe(`
Pascal VOC over IoU 0.50 to 0.95, as in the RetinaNet tutorial: average precision as the area under the curve; 1 picture

class  ground truth  detections     AP   AP50   AP75
cat               1           1  0.700  1.000  1.000
owl               0           0  no ground truth
mean              1           1  0.700  1.000  1.000
`);
});

test("nothing to find at all", () => {
  const empty = summary(evaluate("voc", [], [], { classes: ["cat"] }));
  expect(empty.split("\n").slice(2)).toEqual([
    "class  ground truth  detections  AP",
    "cat               0           0  no ground truth",
    "mean              0           0  no ground truth",
  ]);
});

test("a real evaluation has a line for each class", () => {
  const { groundTruth, detections, classes } = fromCocoJson(golden("metrics/coco_small.gt"), golden("metrics/coco_small.dt"));
  const lines = summary(evaluate("coco", groundTruth, detections, { classes })).split("\n");
  for (const name of classes) expect(lines.some((line) => line.startsWith(`${name} `))).toBe(true);
});

test("columns are as wide as their widest cell, remarks apart", () => {
  expect(
    table([
      ["", "one", "two"],
      ["first", "1", "22222"],
      ["x", { remark: "a long remark" }],
    ]),
  ).toBe("       one    two\nfirst    1  22222\nx      a long remark");
});

import { expect, test } from "vitest";
import { detectionFiles, type ImageDetections } from "./index.js";

test("a file for each class, as pytorch-ssd writes it: coordinates from 1, tabs, the order of the pictures", () => {
  const found: ImageDetections[] = [
    { image: "000012", boxes: Float32Array.of(0, 1.5, 9, 9, 3, 4, 5, 6), labels: [2, 1], scores: Float32Array.of(0.9, 0.25) },
    { image: 7, boxes: new Float32Array(0), labels: [], scores: [] },
    { image: "a\tb", boxes: Float32Array.of(0, 0, 1, 1), labels: [1], scores: [1] },
  ];
  expect(detectionFiles(found, ["cat", "traffic light", "owl"])).toEqual([
    { name: "det_test_cat.txt", text: "000012\t0.25\t4\t5\t6\t7\na b\t1\t1\t1\t2\t2\n" },
    { name: "det_test_traffic light.txt", text: "000012\t0.8999999761581421\t1\t2.5\t10\t10\n" },
    { name: "det_test_owl.txt", text: "" },
  ]);
});

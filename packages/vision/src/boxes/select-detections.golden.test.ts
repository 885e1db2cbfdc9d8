import { golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { selectDetections } from "./index.js";

interface Case {
  boxes: number[][];
  scores: number[];
  keep: number[];
}

const everything = { classes: 1, scoreThreshold: -1 };

/** Which boxes of one class stay, in order. */
const kept = ({ boxes, scores }: Case, options: Omit<Parameters<typeof selectDetections>[2], keyof typeof everything>) => [
  ...selectDetections(Float32Array.from(boxes.flat()), Float32Array.from(scores), { ...everything, ...options }).indices,
];

describe("suppression equals MobileSparrow's: what overlaps just as much goes too", () => {
  const { nms } = golden("boxes/sparrow") as { nms: (Case & { iou: number; max_det: number })[] };

  test.each(nms)("$boxes.length boxes, IoU $iou, at most $max_det", ({ iou, max_det, ...boxes }) => {
    expect(kept(boxes, { nms: { iouThreshold: iou, inclusive: true, epsilon: 1e-6 }, maxDetections: max_det })).toEqual(boxes.keep);
  });
});

describe("suppression equals the RetinaNet tutorial's, by both areas together and by the smaller one", () => {
  const { nms } = golden("boxes/retinanet_scratch") as { nms: (Case & { mode: "union" | "min"; threshold: number })[] };

  test.each(nms)("$mode, $threshold", ({ mode, threshold, ...boxes }) => {
    const overlap = mode === "min" ? "smaller" : "union";
    expect(kept(boxes, { nms: { iouThreshold: threshold, overlap, classAgnostic: true } })).toEqual(boxes.keep);
  });
});

import { expectClose, golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { selectDetections } from "./index.js";

const flat = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat());

interface GluonCase {
  overlap_thresh: number;
  topk: number;
  valid_thresh: number;
  post_nms: number;
  boxes: number[][];
  scores_per_class: number[][];
  result: { ids: number[]; scores: number[]; boxes: number[][] };
}

describe("the best of all classes together, suppressed class by class, equal GluonCV's box_nms", () => {
  const { box_nms } = golden("boxes/gluoncv") as { box_nms: GluonCase[] };

  test.each(box_nms)("$boxes.length boxes, candidates $topk", ({ boxes, scores_per_class, result, ...settings }) => {
    const { indices, labels, scores } = selectDetections(flat(boxes), flat(scores_per_class), {
      classes: scores_per_class[0]!.length,
      scoreThreshold: settings.valid_thresh,
      candidates: { per: "image", count: settings.topk },
      nms: { iouThreshold: settings.overlap_thresh },
      maxDetections: settings.post_nms,
    });
    expect([...labels]).toEqual(result.ids);
    expectClose(scores, result.scores, { rtol: 2e-6 });
    expect(Array.from(indices, (i) => boxes[i]!)).toEqual(result.boxes);
  });
});

interface PytorchSsdCase {
  op: "hard_nms" | "soft_nms";
  box_scores: number[][];
  result: number[][];
  top_k: number;
  candidate_size?: number;
  iou_threshold?: number;
  score_threshold?: number;
  sigma?: number;
}

describe("the best of each class equal pytorch-ssd's, in shares of the picture and in its pixels", () => {
  const { pytorch_ssd } = golden("boxes/nms") as { pytorch_ssd: PytorchSsdCase[] };
  const frames = [
    { width: 1, height: 1 },
    { width: 300, height: 300 },
    { width: 640, height: 480 },
  ];

  test.each(pytorch_ssd)("$op of $box_scores.length boxes, at most $top_k", ({ op, box_scores, result, ...settings }) => {
    for (const { width, height } of frames) {
      const boxes = flat(box_scores.map(([x1, y1, x2, y2]) => [x1! * width, y1! * height, x2! * width, y2! * height]));
      const found = selectDetections(boxes, flat(box_scores.map((row) => row.slice(4))), {
        classes: 1,
        scoreThreshold: settings.score_threshold ?? 0,
        candidates: { per: "class", count: settings.candidate_size },
        nms: {
          method: op === "soft_nms" ? "soft" : "hard",
          iouThreshold: settings.iou_threshold ?? 1,
          sigma: settings.sigma ?? 0.5,
          epsilon: 1e-5 * width * height,
        },
        maxPerClass: settings.top_k > 0 ? settings.top_k : undefined,
      });
      const rows = Array.from(found.indices, (i, k) => [...box_scores[i]!.slice(0, 4), found.scores[k]!]);
      expectClose(rows, result, { rtol: 2e-6, name: `${op} in ${width} × ${height}` });
    }
  });
});

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

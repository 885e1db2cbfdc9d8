import { expectClose, expectRecord, expectSparse, type GoldenSparse, golden, type StatisticRecord } from "@singleshot/testing";
import { fromBuffer, ops, scope, tensor } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { detectorSchemaPart } from "../recipes/index.js";
import { type AnchorSet, anchorSet, anchorsOf, anchorTensors } from "../testing/golden-anchors.js";
import { type Anchors, type AnchorTable, BACKGROUND, boxCoder, IGNORED, matcher, pairwiseIou } from "./index.js";

type MatcherInput = Parameters<typeof detectorSchemaPart.matcher.parse>[0];
const rules = (options: MatcherInput) => detectorSchemaPart.matcher.parse(options);

/** The matches of one picture. */
function matchesOf(options: MatcherInput, boxes: readonly number[][], anchors: Anchors): number[] {
  const resolved = rules(options);
  const matched = scope(() => {
    const iou = pairwiseIou(tensor([boxes as number[][]]), anchors.xyxy, { epsilon: resolved.iouEpsilon });
    return matcher(resolved)(iou, ops.ones([1, boxes.length], { dtype: "bool" }));
  });
  return [...matched.toTypedArray<"int64">()].map(Number);
}

/** A box's label for each anchor; 0 where there is none, -1 where it is ignored. */
const labelsOf = (matches: readonly number[], labels: readonly number[]) =>
  matches.map((match) => (match === IGNORED ? -1 : match === BACKGROUND ? 0 : labels[match]!));

/** Deltas of every anchor's own box. */
function deltasOf(
  matches: readonly number[],
  boxes: readonly number[][],
  anchors: Anchors,
  coder = boxCoder(detectorSchemaPart.coder.parse({})),
) {
  return scope(() => {
    const own = tensor(matches.map((match) => boxes[Math.max(match, 0)]!));
    return coder.encode(own, anchors).toTypedArray<"float32">();
  });
}

const meanCoder = boxCoder(detectorSchemaPart.coder.parse({ center: "mean" }));
const code = { rtol: 2e-6, atol: 2e-9 };
const rowsOf = (values: Float32Array, indices: readonly number[]) => indices.map((i) => [...values.subarray(4 * i, 4 * i + 4)]);
const indicesWhere = <T>(list: readonly T[], holds: (item: T) => boolean) => [...list.keys()].filter((i) => holds(list[i]!));

interface TorchvisionCase {
  name: string;
  matcher: "SSDMatcher" | "Matcher";
  config: { threshold?: number; high_threshold?: number; low_threshold?: number; allow_low_quality_matches?: boolean };
  gt_boxes: number[][];
  matches: GoldenSparse;
}

describe("matching equals torchvision's", () => {
  const { cases, quality_matrix } = golden("boxes/matchers") as {
    cases: TorchvisionCase[];
    quality_matrix: { matrix: number[][]; "ssd_0.5": number[]; "low_0.5_0.4": number[]; "plain_0.5_0.4": number[] };
  };
  const ssd300 = anchorTensors(anchorsOf(anchorSet("torchvision.ssd300_vgg16")));
  const retinanet = anchorTensors(retinanetAnchors());

  /** RetinaNet's anchors on the golden file's picture of 320 × 256. */
  function retinanetAnchors(): AnchorTable<Float32Array> {
    const maps = [8, 16, 32, 64, 128].map((stride): [number, number] => [Math.ceil(256 / stride), Math.ceil(320 / stride)]);
    return anchorsOf({ ...anchorSet("torchvision.retinanet_256x256"), image: [256, 320], feature_maps: maps });
  }

  function rulesOf({ matcher: kind, config }: TorchvisionCase): MatcherInput {
    if (kind === "SSDMatcher") return { foreground: config.threshold! };
    const claim = config.allow_low_quality_matches ? "ties" : "none";
    return { foreground: config.high_threshold!, background: config.low_threshold!, claim };
  }

  test.each(cases)("$name", (one) => {
    const ours = matchesOf(rulesOf(one), one.gt_boxes, one.matcher === "SSDMatcher" ? ssd300 : retinanet);
    if (one.name !== "ssd300 tiny boxes") return expectSparse(ours, one.matches);
    const counts = one.gt_boxes.map((_, box) => ours.filter((match) => match === box).length); // which of several equal anchors is taken depends on rounding
    expect(counts).toEqual(one.gt_boxes.map(() => 1));
    expect(ours.filter((match) => match !== BACKGROUND)).toHaveLength(one.gt_boxes.length);
  });

  test.each([
    ["SSD's rule", { foreground: 0.5 }, quality_matrix["ssd_0.5"]],
    ["with low-quality matches", { foreground: 0.5, background: 0.4, claim: "ties" }, quality_matrix["low_0.5_0.4"]],
    ["without", { foreground: 0.5, background: 0.4, claim: "none" }, quality_matrix["plain_0.5_0.4"]],
  ] satisfies [string, MatcherInput, number[]][])("on a small matrix, %s", (_, options, theirs) => {
    const matched = scope(() => matcher(rules(options))(tensor([quality_matrix.matrix]), ops.ones([1, 3], { dtype: "bool" })));
    expect([...matched.toTypedArray<"int64">()].map(Number)).toEqual(theirs);
  });

  test("padding changes nothing, and a picture without boxes matches nothing", () => {
    const { gt_boxes, matches } = cases.find((one) => one.matcher === "SSDMatcher" && one.gt_boxes.length === 5)!;
    const [first, second] = scope(() => {
      const iou = pairwiseIou(
        tensor([
          [...gt_boxes, ...gt_boxes],
          [...gt_boxes, ...gt_boxes],
        ]),
        ssd300.xyxy,
      );
      const real = ops.arange(0, 10, { dtype: "int64" }).lt(tensor(BigInt64Array.of(5n, 0n)).unsqueeze(1));
      return matcher(rules({}))(iou, real).unbind();
    });
    expectSparse(first!.toTypedArray<"int64">(), matches);
    expect(second!.toTypedArray<"int64">().every((match) => match === -1n)).toBe(true);
  });
});

describe("matching equals pytorch-ssd's", () => {
  interface Case {
    priors: string;
    gt_boxes: number[][];
    gt_labels: number[];
    labels: GoldenSparse;
    locations_of_positives: number[][];
    locations: StatisticRecord;
  }
  const { pytorch_ssd } = golden("boxes/matchers") as { pytorch_ssd: Case[] };
  const options = { iouEpsilon: 1e-5 };

  test.each(pytorch_ssd)(
    "$gt_boxes.length boxes on $priors",
    ({ priors, gt_boxes, gt_labels, labels, locations_of_positives, locations }) => {
      const anchors = anchorTensors(anchorsOf(anchorSet(priors.replace("boxes/anchors.json ", "")), { relative: true }));
      const matches = matchesOf(options, gt_boxes, anchors);
      const ours = labelsOf(matches, gt_labels);
      expectSparse(ours, labels);
      const nearest = matchesOf({ ...options, foreground: 0 }, gt_boxes, anchors); // every prior's best box, background's too
      const deltas = deltasOf(nearest, gt_boxes, anchors, meanCoder);
      const positives = indicesWhere(ours, (label) => label > 0).slice(0, locations_of_positives.length);
      expectClose(rowsOf(deltas, positives), locations_of_positives, code);
      expectRecord(deltas, [nearest.length, 4], locations, { tol: 2e-6 });
    },
  );
});

describe("matching equals GluonCV's", () => {
  interface Case {
    anchors: string;
    gt_boxes: number[][];
    gt_ids: number[];
    matches?: GoldenSparse;
    class_targets: GoldenSparse;
    box_targets_of_positives: number[][];
  }
  const { targets } = golden("boxes/gluoncv") as { targets: Case[] };

  test.each(targets)(
    "$gt_boxes.length boxes on $anchors",
    ({ anchors: name, gt_boxes, gt_ids, matches, class_targets, box_targets_of_positives }) => {
      const anchors = anchorTensors(anchorsOf(anchorSet(name.replace("boxes/anchors.json ", ""))));
      const ours = matchesOf({ claim: "bipartite" }, gt_boxes, anchors);
      if (matches) expectSparse(ours, matches);
      const labels = labelsOf(
        ours,
        gt_ids.map((id) => id + 1),
      );
      expectSparse(labels, class_targets);
      const positives = indicesWhere(labels, (label) => label > 0).slice(0, box_targets_of_positives.length);
      expectClose(rowsOf(deltasOf(ours, gt_boxes, anchors, meanCoder), positives), box_targets_of_positives, code);
    },
  );
});

describe("matching equals MobileSparrow's", () => {
  interface Case {
    anchors: string;
    gt_boxes: number[][];
    gt_labels: number[];
    assigned: GoldenSparse;
    deltas_of_positives: number[][];
  }
  const { assign } = golden("boxes/sparrow") as { assign: Case[] };

  test.each(assign)("$gt_boxes.length boxes", ({ anchors: name, gt_boxes, gt_labels, assigned, deltas_of_positives }) => {
    const anchors = anchorTensors(anchorsOf(anchorSet(name.replace("boxes/anchors.json ", "")), { relative: true }));
    const matches = matchesOf({ background: 0.4, backgroundInclusive: true, iouEpsilon: 1e-9 }, gt_boxes, anchors);
    const ours = labelsOf(
      matches,
      gt_labels.map((label) => label + 1),
    );
    expectSparse(ours, assigned);
    const positives = indicesWhere(ours, (label) => label > 0).slice(0, deltas_of_positives.length);
    expectClose(rowsOf(deltasOf(matches, gt_boxes, anchors), positives), deltas_of_positives, code);
  });
});

describe("matching equals the RetinaNet tutorial's", () => {
  interface Case {
    image: [number, number];
    gt_boxes: number[][];
    gt_labels: number[];
    class_targets_above_0: GoldenSparse;
    ignored: number[] | StatisticRecord;
    box_targets_of_positives: number[][];
  }
  const { encode } = golden("boxes/retinanet_scratch") as { encode: Case[] };
  const options = { background: 0.3, foregroundInclusive: false, claimOverrides: false };
  const set: AnchorSet = anchorSet("retinanet_scratch.257.yxyx");

  test.each(encode)("$gt_boxes.length boxes", ({ gt_boxes, gt_labels, class_targets_above_0, ignored, box_targets_of_positives }) => {
    const anchors = anchorTensors(anchorsOf(set));
    const boxes = gt_boxes.map(([y1, x1, y2, x2]) => [x1!, y1!, x2!, y2!]);
    const matches = matchesOf(options, boxes, anchors);
    const ours = labelsOf(matches, gt_labels);
    expectSparse(
      ours.map((label) => Math.max(label, 0)),
      class_targets_above_0,
    );
    if (Array.isArray(ignored)) expect(indicesWhere(ours, (label) => label === -1)).toEqual(ignored);
    else
      expectRecord(
        ours.map((label) => Number(label === -1)),
        [ours.length],
        ignored,
        { tol: 0 },
      );
    const coder = boxCoder(detectorSchemaPart.coder.parse({ weights: [1, 1, 1, 1], order: "yxhw" }));
    const positives = indicesWhere(ours, (label) => label > 0).slice(0, box_targets_of_positives.length);
    expectClose(rowsOf(deltasOf(matches, boxes, anchors, coder), positives), box_targets_of_positives, code);
  });

  test("a picture without boxes is background, or ignored as in the original", () => {
    const nothing = (emptyPicture: "background" | "ignored") =>
      scope(() =>
        matcher(rules({ ...options, emptyPicture }))(ops.zeros([1, 2, 3]), ops.zeros([1, 2], { dtype: "bool" })),
      ).toTypedArray<"int64">();
    expect([...nothing("background")]).toEqual([-1n, -1n, -1n]);
    expect([...nothing("ignored")]).toEqual([-2n, -2n, -2n]);
  });
});

describe("bipartite matching", () => {
  const options = { claim: "bipartite" } as const;

  test("gives two boxes that want one anchor an anchor each", () => {
    const xyxy = tensor([
      [0, 0, 10, 10],
      [0, 0, 10, 14],
      [50, 50, 60, 60],
    ]);
    expect(
      matchesOf(
        options,
        [
          [0, 0, 10, 10.5],
          [0, 0, 10, 11],
        ],
        { xyxy, cxcywh: xyxy },
      ),
    ).toEqual([0, 1, -1]);
  });

  test("equals the greedy rule, pair by pair", () => {
    for (let seed = 0; seed < 50; seed++) {
      const iou = scope(() => ops.rand([1, 5, 9], null)).toTypedArray<"float32">();
      const ours = scope(() =>
        matcher(rules({ ...options, foreground: 1 }))(fromBuffer(iou, [1, 5, 9]), ops.ones([1, 5], { dtype: "bool" })),
      );
      expect([...ours.toTypedArray<"int64">()].map(Number)).toEqual(greedy(iou, 5, 9));
    }
  });

  function greedy(iou: Float32Array, M: number, A: number): number[] {
    const matches = new Array<number>(A).fill(-1);
    const pairs = [...iou.keys()].sort((a, b) => iou[b]! - iou[a]!);
    const done = new Set<number>();
    for (const pair of pairs) {
      const [box, anchor] = [Math.floor(pair / A), pair % A];
      if (done.has(box) || matches[anchor] !== -1) continue;
      matches[anchor] = box;
      done.add(box);
    }
    expect(done.size).toBe(M);
    return matches;
  }
});

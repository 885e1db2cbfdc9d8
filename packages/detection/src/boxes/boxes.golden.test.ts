import { expectClose, expectSparse, type GoldenSparse, golden } from "@singleshot/testing";
import { fromBuffer, scope, tensor } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { type AnchorLevel, anchorsPerCell, deltaCoder, pairwiseIou, ssdAnchors, ssdMatcher } from "./index.js";

interface AnchorSet {
  name: string;
  config: {
    generator: string;
    aspect_ratios: number[][];
    min_ratio?: number;
    max_ratio?: number;
    scales?: number[];
    steps?: number[];
    clip?: boolean;
  };
  image: [height: number, width: number];
  feature_maps: [height: number, width: number][];
  per_location: number[];
  count: number;
  column_sums: number[];
  first: number[][];
  last: number[][];
  rows: number[];
  values: number[][];
}

const anchorSets = (golden("boxes/anchors") as { sets: AnchorSet[] }).sets.filter(
  ({ config }) => config?.generator === "DefaultBoxGenerator",
);

/** torchvision's DefaultBoxGenerator arguments as our levels. */
function levelsOf({ config }: AnchorSet): AnchorLevel[] {
  const { aspect_ratios, min_ratio = 0.15, max_ratio = 0.9, steps } = config;
  const count = aspect_ratios.length;
  const even = Array.from({ length: count }, (_, k) => min_ratio + ((max_ratio - min_ratio) * k) / (count - 1));
  const scales = config.scales ?? [...even, 1];
  return aspect_ratios.map((ratios, k) => ({ scale: scales[k]!, nextScale: scales[k + 1]!, ratios, step: steps?.[k] }));
}

function anchorsOf(set: AnchorSet): Float32Array {
  const [height, width] = set.image;
  const grids = set.feature_maps.map(([h, w]) => ({ height: h, width: w }));
  return ssdAnchors(levelsOf(set), grids, { height, width }, { clip: set.config.clip ?? true });
}

describe.each(anchorSets)("anchors of $name equal torchvision's", (set) => {
  const ours = anchorsOf(set);
  const row = (i: number) => [...ours.subarray(4 * i, 4 * i + 4)];
  const close = (a: number[][], b: number[][], name: string) => expectClose(a, b, { rtol: 2e-6, atol: 2e-6, name });

  test("count and shapes in a cell", () => {
    expect(ours.length / 4).toBe(set.count);
    expect(levelsOf(set).map(anchorsPerCell)).toEqual(set.per_location);
  });

  test("the first, the last, those in between, and the sums", () => {
    close(
      set.first.map((_, i) => row(i)),
      set.first,
      "first",
    );
    close(
      set.last.map((_, i) => row(set.count - set.last.length + i)),
      set.last,
      "last",
    );
    close(set.rows.map(row), set.values, "rows");
    const sums = [0, 1, 2, 3].map((column) => ours.reduce((sum, value, i) => (i % 4 === column ? sum + value : sum), 0));
    expectClose(sums, set.column_sums, { rtol: 2e-6, name: "column sums" });
  });
});

interface MatcherCase {
  name: string;
  matcher: string;
  config: { threshold: number };
  gt_boxes: number[][];
  matches: GoldenSparse;
  note?: string;
}

describe("the SSD matcher equals torchvision's", () => {
  const cases = (golden("boxes/matchers") as { cases: MatcherCase[] }).cases.filter(({ matcher }) => matcher === "SSDMatcher");
  const ssd300 = anchorSets.find(({ name }) => name === "torchvision.ssd300_vgg16")!;
  const anchors = fromBuffer(anchorsOf(ssd300), [ssd300.count, 4]);

  test.each(cases)("$name", ({ config, gt_boxes, matches }) => {
    const counts = tensor(BigInt64Array.of(BigInt(gt_boxes.length)));
    const matched = scope(() => ssdMatcher({ iouThreshold: config.threshold })(pairwiseIou(tensor([gt_boxes]), anchors), counts));
    expectSparse(matched.toTypedArray<"int64">(), matches);
  });

  test("padding changes nothing, and an image without boxes matches nothing", () => {
    const { gt_boxes, config, matches } = cases.find((one) => one.gt_boxes.length >= 3)!;
    const blank = gt_boxes.map(() => [0, 0, 0, 0]);
    const boxes = tensor([
      [...gt_boxes, ...blank],
      [...blank, ...blank],
    ]);
    const counts = tensor(BigInt64Array.of(BigInt(gt_boxes.length), 0n));
    const [first, second] = scope(() => ssdMatcher({ iouThreshold: config.threshold })(pairwiseIou(boxes, anchors), counts).unbind());
    expectSparse(first!.toTypedArray<"int64">(), matches);
    expect(second!.toTypedArray<"int64">().every((match) => match === -1n)).toBe(true);
  });

  test("of two boxes that want one anchor the later gets it", () => {
    const one = [100, 100, 160, 160];
    const matched = scope(() =>
      ssdMatcher()(
        pairwiseIou(
          tensor([[one, one]]),
          tensor([
            [101, 101, 160, 160],
            [0, 0, 10, 10],
          ]),
        ),
        tensor(BigInt64Array.of(2n)),
      ),
    );
    expect([...matched.toTypedArray<"int64">()]).toEqual([1n, -1n]);
  });
});

describe("the delta coder equals torchvision's", () => {
  interface Coders {
    boxes: number[][];
    anchors: number[][];
    codes: number[][];
    torchvision: { weights: [number, number, number, number]; encoded: number[][]; decoded: number[][] }[];
  }
  const { boxes, anchors, codes, torchvision } = golden("boxes/coders") as Coders;

  test.each(torchvision)("weights $weights", ({ weights, encoded, decoded }) => {
    const coder = deltaCoder({ weights });
    const [ours, back] = scope(() => [coder.encode(tensor(boxes), tensor(anchors)), coder.decode(tensor(codes), tensor(anchors))]);
    const tolerance = { rtol: 2e-6, atol: 2e-9 };
    expectClose([...ours!.toTypedArray()], encoded.flat(), { ...tolerance, atol: 2e-6, name: "encoded" });
    expectClose([...back!.toTypedArray()], decoded.flat(), {
      ...tolerance,
      atol: 2e-6 * Math.max(...decoded.flat().map(Math.abs)),
      name: "decoded",
    });
  });
});

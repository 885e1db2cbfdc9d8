import { ops, scope } from "@singleshot/torch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDetector, type Detector } from "../detectors/index.js";
import { type DetectorOptions, recipes, resolveRecipe } from "../recipes/index.js";
import { madeUpDataset } from "../testing/report-data.js";
import {
  anchorSheet,
  canvasFor,
  checkAnchors,
  describeMap,
  filledInput,
  gridsOf,
  mapAnchors,
  seenObjects,
  suggestAnchors,
} from "./index.js";

const { detector: options } = resolveRecipe(recipes.get("quickstart"));
const input = { width: 320, height: 240 };
let detector: Detector;
beforeAll(() => {
  detector = detectorOf(options);
});
afterAll(() => detector.dispose());

function detectorOf(own: DetectorOptions): Detector {
  const { classification } = own.loss;
  const names = "classWeights" in classification ? Object.keys(classification.classWeights ?? {}) : [];
  return createDetector(own, [...names, "object"]).eval();
}

describe("the anchors of a detector", () => {
  test("come map by map, with as many a cell as the recipe has shapes", () => {
    const maps = mapAnchors(options.anchors, gridsOf(detector), input);
    expect(maps.map(describeMap)).toEqual([
      "40 × 30 cells, 3 anchors each, 16 to 25 px",
      "20 × 15 cells, 5 anchors each, 42 to 64 px",
      "10 × 8 cells, 5 anchors each, 80 to 139 px",
    ]);
  });

  test("are those that the detector answers for, in every recipe", () => {
    for (const recipe of recipes.values()) {
      const { detector: own } = resolveRecipe(recipe);
      if (own.input.resize === "sides" || own.anchors.order === "shape") continue; // measured otherwise; numbered otherwise
      const other = detectorOf(own);
      const { height, width } = own.input;
      const answered = scope(() => other.forward(ops.zeros([1, 3, height, width])).anchors.xyxy.toTypedArray());
      const maps = mapAnchors(own.anchors, gridsOf(other), own.input);
      expect(maps.flatMap(({ anchors }) => [...anchors])).toEqual([...answered]);
      other.dispose();
    }
  });

  test("stand on maps that are measured once where pictures have sizes of their own", () => {
    const sides = { resize: "sides" as const, shortSides: [96], longSide: 320, multiple: 32 };
    const other = detectorOf({ ...options, input: sides });
    for (const picture of [
      { width: 100, height: 100 },
      { width: 300, height: 100 },
      { width: 111, height: 200 },
    ]) {
      const canvas = canvasFor(picture, sides);
      const features = scope(() =>
        other.network.features(ops.zeros([1, 3, canvas.height, canvas.width])).map(({ shape }) => shape.slice(2)),
      );
      expect(gridsOf(other)(canvas).map(({ width, height }) => [height, width])).toEqual(features);
    }
    other.dispose();
  });

  test("are drawn, a picture a map", async () => {
    const grey = { data: new Uint8Array(3 * 32 * 24).fill(128), width: 32, height: 24 };
    const sheet = await anchorSheet(grey, mapAnchors(options.anchors, gridsOf(detector), input), input);
    expect([sheet.width, sheet.height]).toEqual([1316, 1056]);
    expect(new Set(sheet.data).size).toBeGreaterThan(50);
  });

  test("are drawn on the picture with what is around it where the aspect ratio is kept", () => {
    const white = { data: new Uint8Array(3 * 20 * 10).fill(255), width: 20, height: 10 };
    expect(filledInput(white, { resize: "stretch", width: 40, height: 40 })).toBe(white);
    const filled = filledInput(white, { resize: "letterbox", width: 40, height: 40, fill: [1, 2, 3], align: "center", enlarge: true });
    expect([filled.width, filled.height, ...filled.data.subarray(0, 3)]).toEqual([40, 40, 1, 2, 3]);
  });
});

const classes = ["bolt", "nut"];
/** Objects of these sides in a picture of 100 × 100, all bolts. */
const objects = (...sides: number[]) => ({
  boxes: Float32Array.from(sides.flatMap((side) => [10, 10, 10 + side, 10 + side])),
  labels: Int32Array.from(sides, () => 1),
  canvas: new Int32Array(sides.length),
  canvases: [{ width: 100, height: 100 }],
});

describe("a check", () => {
  test("counts by size and class, and says what is not reached and why", () => {
    const anchors = Float32Array.of(10, 10, 30, 30, 60, 60, 80, 80);
    const { all, bySize, byClass, remarks } = checkAnchors(objects(20, 21, 5, 80), () => [{ anchors }], {
      classes,
      thresholds: [0.5, 0.95],
    });
    expect(all).toMatchObject({ objects: 4, recall: [0.5, 0.25] });
    expect(bySize.map(({ name, objects, recall }) => [name, objects, recall[0]])).toEqual([
      ["under 16", 1, 0],
      ["16 to 32", 2, 1],
      ["64 to 128", 1, 0],
    ]);
    expect(byClass.map(({ name, objects, recall }) => [name, objects, recall[0]])).toEqual([
      ["bolt", 4, 0.5],
      ["nut", 0, null],
    ]);
    expect(remarks).toEqual([
      "No anchor overlaps 2 of 4 bolt (sides of 5 to 80 px) by 0.5 or more: they lie between two centres, or their shape is unlike all anchors'.",
    ]);
  });

  test.each([
    [5, "1 of 1 bolt (sides of 5 px) by 0.5 or more: they are smaller than the smallest anchor (20 px)"],
    [90, "1 of 1 bolt (sides of 90 px) by 0.5 or more: they are larger than the largest anchor (20 px)"],
  ])("of objects of %d px", (side, words) => {
    expect(
      checkAnchors(objects(side), () => [{ anchors: Float32Array.of(10, 10, 30, 30) }], { classes, thresholds: [0.5] }).remarks,
    ).toEqual([`No anchor overlaps ${words}.`]);
  });
});

describe("a suggestion", () => {
  test.each([["share"], ["pixel"]] as const)(
    "fits the objects better than anchors for other ones, and is a recipe's, in the unit %s",
    (unit) => {
      const scaled = { share: 1, pixel: 320 }[unit];
      const levels = [0.3, 0.5, 0.7].map((side) => ({ shapes: [[scaled * side, scaled * side] as [number, number]], step: undefined }));
      const own = { ...options.anchors, unit, levels };
      const seen = seenObjects(madeUpDataset(classes, { pictures: 60 }), options.input);
      const { anchors, before, after, kept } = suggestAnchors(seen, gridsOf(detector), own, { classes, thresholds: [0.5] });
      expect(after.all.meanIou).toBeGreaterThan(before.all.meanIou!);
      expect(after.all.recall[0]).toBeGreaterThanOrEqual(0.95);
      for (const map of kept) expect(anchors.levels[map - 1]).toBe(own.levels[map - 1]);
      const recipe = resolveRecipe({ ...recipes.get("quickstart"), detector: { ...options, anchors } });
      const other = detectorOf(recipe.detector);
      const gridsFor = gridsOf(other);
      other.dispose();
      const check = checkAnchors(seen, (canvas) => mapAnchors(recipe.detector.anchors, gridsFor, canvas), { classes, thresholds: [0.5] });
      expect(check).toEqual(after);
    },
  );

  test("of no objects changes nothing", () => {
    const { anchors, kept } = suggestAnchors(objects(), gridsOf(detector), options.anchors, { classes, thresholds: [0.5] });
    expect([anchors, kept]).toEqual([options.anchors, [1, 2, 3]]);
  });
});

describe("the objects of a data set", () => {
  test("lie where the network sees them", () => {
    const dataset = madeUpDataset(classes, { pictures: 4 });
    const stretched = seenObjects(dataset, { resize: "stretch", width: 200, height: 50 });
    const original = dataset.entries.flatMap(({ boxes }) => [...boxes]);
    expect([...stretched.boxes]).toEqual(original.map((value, i) => Math.fround(i % 2 === 0 ? 2 * value : 0.5 * value)));
    expect(stretched.canvases).toEqual([{ width: 200, height: 50 }]);
  });

  test("lie on canvases of their own where pictures keep their sizes", () => {
    const dataset = madeUpDataset(classes, { pictures: 4 });
    dataset.entries[3]!.width = 200;
    const { canvases, canvas } = seenObjects(dataset, { resize: "sides", shortSides: [40, 50], longSide: 500, multiple: 32 });
    expect(canvases).toEqual([
      { width: 64, height: 64 },
      { width: 128, height: 64 },
    ]);
    expect([...canvas]).toEqual([0, 0, 0, 1, 1, 1]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDetector, type Detector } from "../detectors/index.js";
import { recipes, resolveRecipe } from "../recipes/index.js";
import { madeUpDataset } from "../testing/report-data.js";
import { anchorLevels, anchorSheet, checkAnchors, describeLevel, joined, seenObjects, suggestAnchors } from "./index.js";

const { detector: options } = resolveRecipe(recipes.get("quickstart"));
let detector: Detector;
beforeAll(() => {
  detector = createDetector(options, ["RBC", "WBC", "Platelets"]);
});
afterAll(() => detector.dispose());

describe("the anchors of a detector", () => {
  test("come map by map, with as many a cell as the recipe has shapes", () => {
    const levels = anchorLevels(detector);
    expect(levels.map(({ grid, perCell }) => [grid.width, grid.height, perCell])).toEqual([
      [40, 30, 3],
      [20, 15, 5],
      [10, 8, 5],
    ]);
    expect(levels.map(describeLevel)).toEqual([
      "40 × 30 cells, 3 anchors each, 16 to 25 px",
      "20 × 15 cells, 5 anchors each, 42 to 64 px",
      "10 × 8 cells, 5 anchors each, 80 to 139 px",
    ]);
    expect(joined(levels)).toHaveLength(4 * (3600 + 1500 + 400));
  });

  test("are right for every recipe, also where maps shrink to a single cell", () => {
    for (const recipe of recipes.values()) {
      const { detector: own } = resolveRecipe(recipe);
      const other = createDetector(own, own.loss.classWeights ? Object.keys(own.loss.classWeights) : ["object"]);
      const levels = anchorLevels(other);
      other.dispose();
      expect(levels.map(({ perCell }) => perCell)).toEqual(
        own.anchors.map((level) => ("shapes" in level ? level.shapes.length : 2 + 2 * level.ratios.length)),
      );
      for (const { anchors, grid, perCell } of levels) expect(anchors).toHaveLength(4 * perCell * grid.width * grid.height);
    }
  });

  test("are drawn, a picture a map", async () => {
    const grey = { data: new Uint8Array(3 * 32 * 24).fill(128), width: 32, height: 24 };
    const sheet = await anchorSheet(grey, anchorLevels(detector), options.input);
    expect([sheet.width, sheet.height]).toEqual([1316, 1056]);
    expect(new Set(sheet.data).size).toBeGreaterThan(50);
  });
});

const classes = ["bolt", "nut"];
/** Objects of these sides in a picture of 100 × 100, all bolts. */
const objects = (...sides: number[]) => ({
  boxes: Float32Array.from(sides.flatMap((side) => [10, 10, 10 + side, 10 + side])),
  labels: Int32Array.from(sides, () => 1),
});

describe("a check", () => {
  test("counts by size and class, and says what is not reached and why", () => {
    const anchors = Float32Array.of(10, 10, 30, 30, 60, 60, 80, 80);
    const { all, bySize, byClass, remarks } = checkAnchors(objects(20, 21, 5, 80), anchors, { classes, thresholds: [0.5, 0.95] });
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
    expect(checkAnchors(objects(side), Float32Array.of(10, 10, 30, 30), { classes, thresholds: [0.5] }).remarks).toEqual([
      `No anchor overlaps ${words}.`,
    ]);
  });
});

describe("a suggestion", () => {
  test("fits the objects better than anchors for other ones, and is a recipe's", () => {
    const dataset = madeUpDataset(classes, { pictures: 60 });
    const seen = seenObjects(dataset, options.input);
    const { anchors, before, after, kept } = suggestAnchors(seen, anchorLevels(detector), options, { classes, thresholds: [0.5] });
    expect(after.all.meanIou).toBeGreaterThan(before.all.meanIou!);
    expect(after.all.recall[0]).toBeGreaterThanOrEqual(0.95);
    expect(anchors).toHaveLength(options.anchors.length);
    for (const level of kept) expect(anchors[level - 1]).toBe(options.anchors[level - 1]);
    const recipe = resolveRecipe({ ...recipes.get("quickstart"), detector: { ...options, anchors } });
    const own = createDetector(recipe.detector, ["RBC", "WBC", "Platelets"]);
    const check = checkAnchors(seen, joined(anchorLevels(own)), { classes, thresholds: [0.5] });
    own.dispose();
    expect(check).toEqual(after);
  });

  test("of no objects changes nothing", () => {
    const { anchors, kept } = suggestAnchors(objects(), anchorLevels(detector), options, { classes, thresholds: [0.5] });
    expect([anchors, kept]).toEqual([options.anchors, [1, 2, 3]]);
  });
});

import { expectClose } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { type AnchorSet, anchorSet, anchorSets, anchorsOf, optionsOf } from "../testing/golden-anchors.js";
import { type AnchorTable, anchorsPerCell } from "./index.js";

/** A row in the set's coordinates. */
function rowOf({ coordinates, image: [height, width] }: AnchorSet, { xyxy, cxcywh }: AnchorTable, i: number): number[] {
  const [x1, y1, x2, y2] = xyxy.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
  const [x, y, w, h] = cxcywh.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
  if (coordinates.startsWith("y1")) return [y1, x1, y2, x2];
  if (coordinates.startsWith("y, x")) return [y, x, h, w];
  if (coordinates.startsWith("xyxy")) return [x1, y1, x2, y2];
  return /relative|normalised/.test(coordinates) ? [x / width, y / height, w / width, h / height] : [x, y, w, h];
}

/** The second table of the tutorial says the same in other coordinates, but not by what rule. */
const ruled = (set: AnchorSet): AnchorSet =>
  set.name.endsWith("yxhw") ? { ...anchorSet(set.name.replace("yxhw", "yxyx")), coordinates: set.coordinates } : set;

describe.each(anchorSets)("the anchors of $name equal the original's", (set) => {
  const ours = anchorsOf(ruled(set));
  const row = (i: number) => rowOf(set, ours, i);

  test("count and shapes in a cell", () => {
    expect(ours.xyxy.length / 4).toBe(set.count);
    if (set.per_location) expect(optionsOf(set).levels.map(anchorsPerCell)).toEqual(set.per_location);
  });

  test.each([
    ["the first", set.first, (k: number) => k],
    ["the last", set.last, (k: number) => set.count - set.last.length + k],
    ["those in between", set.values, (k: number) => set.rows[k]!],
  ])("%s", (_, theirs, at) => {
    expectClose(
      theirs.map((__, k) => row(at(k))),
      theirs,
      { rtol: 2e-6, atol: 2e-9 },
    );
  });

  test("the sums", () => {
    const rows = Array.from({ length: set.count }, (_, i) => row(i));
    const sums = [0, 1, 2, 3].map((column) => rows.reduce((sum, own) => sum + own[column]!, 0));
    expectClose(sums, set.column_sums, { rtol: 2e-6, name: "column sums" });
  });
});

import { expect, test } from "vitest";
import { sources } from "./files.mjs";
import { ROAD } from "./road.mjs";

test("the road is eight files, and all of them are there", () => {
  const texts = sources();
  expect(ROAD).toHaveLength(8);
  expect(ROAD.filter((path) => !texts.has(path))).toEqual([]);
});

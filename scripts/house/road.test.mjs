import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, sources } from "./files.mjs";
import { folderLengths, ROAD } from "./road.mjs";

test("the road is eight files, and all of them are there", () => {
  const texts = sources();
  expect(ROAD).toHaveLength(8);
  expect(ROAD.filter((path) => !texts.has(path))).toEqual([]);
});

test("the README's tree names every folder of sources", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const folders = [...folderLengths(sources()).keys()].map((folder) => folder.split("/").at(-1)).filter((name) => name !== "src");
  expect(folders.filter((name) => !readme.includes(`${name}/`))).toEqual([]);
});

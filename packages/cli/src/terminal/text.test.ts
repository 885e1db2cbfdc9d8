import { expect, test } from "vitest";
import { count, duration, shellWord, shortPath } from "./text.js";

test.each([
  [0, "0 s"],
  [59_400, "59 s"],
  [59_600, "1 min 00 s"],
  [492_000, "8 min 12 s"],
  [3_600_000, "1 h 00 min"],
  [100_000_000, "27 h 46 min"],
])("%d ms are %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test("numbers have their word and commas", () => {
  expect([count(1, "box", "boxes"), count(2237, "box", "boxes"), count(0, "picture")]).toEqual(["1 box", "2,237 boxes", "0 pictures"]);
});

test("words for the shell are quoted where they must be", () => {
  expect(["runs/a-1", "my run", "it's", ""].map(shellWord)).toEqual(["runs/a-1", "'my run'", "'it'\\''s'", "''"]);
});

test("paths are given from here where they lie below", () => {
  expect([shortPath(`${process.cwd()}/data/x`), shortPath("/elsewhere"), shortPath("..")]).toEqual(["data/x", "/elsewhere", ".."]);
});

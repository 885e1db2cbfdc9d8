import { expect, test } from "vitest";
import { fileNames } from "./file-names.js";

test("any text becomes a file name that leads nowhere, and no two meet", () => {
  expect(fileNames(["a/b", "a\\b", "../../x", "", ".", "Cat", "cat", "红细胞", "a:b?"])).toEqual([
    ...["a_b", "a_b-2", "__.._x", "_", "_-2", "Cat", "cat-2", "红细胞", "a_b_"],
  ]);
  expect(fileNames(["x".repeat(500)])[0]).toHaveLength(60);
});

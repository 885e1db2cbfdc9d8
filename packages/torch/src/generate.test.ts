import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generate, generatedFile } from "./generate.js";
import { functions, methods } from "./operators.js";

test("ops.generated.ts is what `npm run generate` makes with this libtorch", () => {
  expect(generate()).toBe(readFileSync(generatedFile, "utf8"));
});

test("no operator is listed twice", () => {
  const rows = [...methods, ...functions].flatMap((row) => row.split("|"));
  expect(rows.filter((row, i) => rows.indexOf(row) !== i)).toEqual([]);
});

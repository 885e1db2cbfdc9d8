import { expect, test } from "vitest";
import { problemText } from "./problem-text.js";

test("a problem is one line: where, and what", () => {
  const problem = { file: "a.xml", kind: "no-area", action: "rejected", message: "box [1, 1, 1, 9] of cat has no width" } as const;
  expect(problemText({ ...problem, line: 50, annotation: 4 })).toBe("a.xml, line 50, object 4: box [1, 1, 1, 9] of cat has no width");
  expect(problemText(problem)).toBe("a.xml: box [1, 1, 1, 9] of cat has no width");
});

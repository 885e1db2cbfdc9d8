import { describe, expect, test } from "vitest";
import { merge } from "./merge.js";

describe("merge", () => {
  test("a part of another name replaces the first's whole", () => {
    const base = { name: "a", optimizer: { name: "sgd", momentum: 0.9 } };
    expect(merge(base, { name: "b", optimizer: { name: "adamw" } })).toEqual({ name: "b", optimizer: { name: "adamw" } });
    expect(merge(base, { optimizer: { name: "sgd", learningRate: 1 } })).toEqual({
      name: "a",
      optimizer: { name: "sgd", momentum: 0.9, learningRate: 1 },
    });
    expect(merge({ input: { resize: "letterbox", fill: [0, 0, 0] } }, { input: { resize: "stretch" } })).toEqual({
      input: { resize: "stretch" },
    });
  });

  test("it changes neither of the two, nor what all objects share", () => {
    const [base, over] = [{ list: [{ a: 1 }] }, JSON.parse('{ "__proto__": { "tainted": 1 }, "list": { "0": { "b": 2 } } }')];
    expect(merge(base, over)).toMatchObject({ list: [{ a: 1, b: 2 }] });
    expect(base).toEqual({ list: [{ a: 1 }] });
    expect(({} as { tainted?: number }).tainted).toBeUndefined();
  });
});

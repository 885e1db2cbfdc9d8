import { ops, scope, tensor } from "@singleshot/torch";
import { checkGradient } from "@singleshot/torch/testing";
import { describe, expect, test } from "vitest";
import { topDown } from "./fpn.js";
import { l2Normalize } from "./l2-normalize.js";

describe("l2Normalize", () => {
  const map = tensor(Float64Array.of(3, 0, -1, 4, 0, 1), { shape: [1, 2, 1, 3] }); // of the three cells the second is zero
  const scale = tensor(Float64Array.of(10, 20));

  test("brings every cell's vector to length 1, then scales the channels; zero stays zero", () => {
    const half = Math.sqrt(0.5);
    const expected = [6, 0, -10 * half, 16, 0, 20 * half];
    expect([...l2Normalize(map, scale).toTypedArray<"float64">()].map((x) => Number(x.toFixed(12)))).toEqual(
      expected.map((x) => Number(x.toFixed(12))),
    );
  });

  test("its gradient agrees with finite differences, and is finite where a cell is zero", () => {
    const points = tensor(Float64Array.of(3, -1, 0.5, 4, 2, 1), { shape: [1, 2, 1, 3] });
    checkGradient((x) => l2Normalize(x, scale), points);
    scope(() => {
      map.requiresGrad = true;
      l2Normalize(map, scale).sum().backward();
      expect(map.grad!.isfinite().all().item()).toBe(true);
    });
  });
});

test("topDown adds to each map all coarser ones, enlarged to sizes that are no multiples", () => {
  scope(() => {
    const laterals = [5, 3, 2].map((side, i) => ops.full([1, 1, side, side], 10 ** i, { dtype: "float32" }));
    const maps = topDown(laterals);
    expect(maps.map(({ shape }) => shape.slice(2))).toEqual([5, 3, 2].map((side) => [side, side]));
    expect(maps.map((map) => [map.amin().item(), map.amax().item()])).toEqual([111, 110, 100].map((value) => [value, value]));
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fuzzCount } from "@singleshot/testing";
import { afterAll, describe, expect, test } from "vitest";
import { type Recipe, recipes } from "../recipes/index.js";
import { drawnPictures, onnxModel, writeVerified } from "./index.js";
import { trainBriefly, untrainedModel } from "./testing/models.js";

const folder = mkdtempSync(join(tmpdir(), "singleshot-networks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isFull = fuzzCount(1) > 1; // every recipe in three sizes takes an hour

/** Smaller or larger; where pictures keep sizes of their own, small ones. */
const resized = (input: Recipe["detector"]["input"], by: number): Recipe["detector"]["input"] =>
  input.resize === "sides"
    ? { ...input, shortSides: [128 + by], longSide: 192 + by }
    : { ...input, width: input.width + by, height: input.height + by };

/** As small as they can be computed. */
const LIGHT: [name: string, by: number][] = [
  ["mb1-ssd-lite", -172],
  ["sq-ssd-lite", -172],
  ["sparrow-ssdlite-shufflenet-v2", -192],
];

/** Untrained, it magnifies rounding to 2e-4: see `trainBriefly`. */
const MAGNIFIES = "mb2-ssd-lite";

const rows = isFull ? [...recipes.keys()].flatMap((name) => [0, 32, 96].map((by) => [name, by] as const)) : LIGHT;

describe.each(rows)("%s, %i px larger", (name, by) => {
  test("agrees with libtorch: a picture alone, three, four", async () => {
    const model = untrainedModel(name, ({ input }) => ({ input: resized(input, by) }));
    if (name === MAGNIFIES) trainBriefly(model);
    const file = join(folder, "model.onnx");
    const { difference } = await writeVerified(file, onnxModel(model, { graph: "decoded" }), model, {
      pictures: drawnPictures(isFull ? 8 : 4),
    });
    if (isFull) console.log(`${name} ${by}: ${difference.toExponential(1)}`);
    expect(difference).toBeGreaterThan(0);
    model.detector.dispose();
  });
});

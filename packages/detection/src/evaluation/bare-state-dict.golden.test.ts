import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectRecord, type Fill, golden, type InputRecipe, type StatisticRecord } from "@singleshot/testing";
import { noGrad, scope, serialize, type Tensor } from "@singleshot/torch";
import { afterAll, expect, test } from "vitest";
import { createDetector } from "../detectors/index.js";
import { jetsonDetector, recipes, resolveRecipe } from "../recipes/index.js";
import { fillModule, goldenTensor, numbers } from "../testing/golden-detector.js";
import { precisions } from "../testing/golden-training.js";
import { loadModel } from "./index.js";

interface GoldenJetson {
  fill: Fill;
  state: [key: string, shape: number[]][];
  input: InputRecipe;
  eval: { confidences: StatisticRecord };
}

const folder = mkdtempSync(join(tmpdir(), "bare-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a bare state dict has pytorch-ssd's keys and nothing else, says itself what made it, and answers as pytorch-ssd does", () => {
  const theirs: GoldenJetson = golden("models/jetson_mb2-ssd-lite_300_w0.5");
  const classes = Array.from({ length: 20 }, (_, i) => `class ${i + 1}`);
  const recipe = resolveRecipe({ ...recipes.get("mb2-ssd-lite"), detector: jetsonDetector("mb2-ssd-lite", { width: 0.5 }) });
  const path = join(folder, "mb2-ssd-lite-Epoch-0-Loss-1.5.pth");
  const trained = fillModule(createDetector(recipe.detector, classes), theirs.fill, "float32");
  const beside = new Map([
    ["recipe", JSON.stringify(recipe)],
    ["classes", JSON.stringify(classes)],
  ]);
  serialize.save(path, trained.stateDict(), beside);
  trained.dispose();

  const saved = serialize.load(path) as Map<string, Tensor>;
  expect([...saved].map(([key, { shape }]) => [key, shape])).toEqual(theirs.state.map(([key, shape]) => [key, shape]));
  for (const tensor of saved.values()) tensor.dispose();

  const { detector, recipe: read } = loadModel(path);
  expect([read, detector.classes]).toEqual([recipe, classes]);
  scope(() => {
    const { logits } = noGrad(() => detector.forward(goldenTensor(theirs.input, "float32").contiguous({ memoryFormat: "channelsLast" })));
    const { tol, sumTol } = precisions.float32;
    expectRecord(numbers(logits), logits.shape, theirs.eval.confidences, { tol, sumTol, name: "confidences" });
  });
  detector.dispose();
});

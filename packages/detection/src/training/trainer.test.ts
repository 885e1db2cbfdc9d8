import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uniform } from "@singleshot/testing";
import { inspectFile } from "@singleshot/torch/inspect";
import type { Dataset, DatasetEntry } from "@singleshot/vision";
import { writePicture } from "@singleshot/vision/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { merge, type Recipe, recipes, resolveRecipe } from "../recipes/index.js";
import { train } from "./index.js";

const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const side = 64;
const entries = Array.from({ length: 5 }, (_, i): DatasetEntry => {
  const id = `picture-${i}`;
  const common = { id, imageFile: join(folder, `${id}.png`), source: `${id}.xml`, width: side, height: side };
  return { ...common, boxes: Float32Array.of(8, 10, 40 + i, 44), labels: Int32Array.of(1 + (i % 2)), flags: new Uint8Array(1) };
});
const dataset = (count: number) =>
  ({ name: "photos", classes: ["bolt", "nut"], entries: entries.slice(0, count) }) as Partial<Dataset> as Dataset;

beforeAll(async () => {
  for (const { imageFile } of entries) {
    const data = Uint8Array.from(uniform(imageFile, 3 * side * side), (u) => 255 * u);
    await writePicture(imageFile, { data, width: side, height: side });
  }
});

function recipeWith(data: object, epochs: number): Recipe {
  const small = {
    detector: { input: { width: side, height: side }, network: { width: 0.25, norm: { eps: 1e-3, momentum: 0.1 } } },
    data: { batchSize: 4, workers: 0, ...data },
    schedule: { name: "cosine", per: "step", epochs, warmupSteps: 3 },
    evaluation: { everyEpochs: 1 },
  };
  return resolveRecipe(merge(recipes.get("ssdlite320-small"), small));
}

/** Trains into a folder; interrupted behind the given steps it is gone on with. */
async function run(name: string, recipe: Recipe, pictures: number, interruptions: readonly number[] = []) {
  const out = join(folder, name);
  const shared = { recipe, out, threads: 1, data: { train: dataset(pictures), evaluation: dataset(2), root: folder } };
  const steps: number[] = [];
  for (const [attempt, last] of [...interruptions, Number.POSITIVE_INFINITY].entries()) {
    const abort = new AbortController();
    if (last === 0) abort.abort();
    const stepped = ({ step, steps: total }: { step: number; steps: number }) => {
      steps.push(total);
      if (step === last) abort.abort();
    };
    const { interrupted } = await train({ ...shared, resume: attempt > 0, signal: abort.signal, observers: [{ stepped }] });
    expect(interrupted).toBe(last !== Number.POSITIVE_INFINITY);
  }
  const metrics = readFileSync(join(out, "metrics.jsonl"), "utf8");
  return { total: steps, metrics, last: inspectFile(join(out, "checkpoints/last.pth"), { digests: true }) };
}

describe("a run whose epochs have different numbers of steps", () => {
  const plans = [
    { pictures: 5, data: { lastBatch: "roll-over" }, counts: [1, 1, 1, 2], interruptions: [2, 4] },
    { pictures: 3, data: { lastBatch: "roll-over" }, counts: [0, 1, 1, 1], interruptions: [0, 1] },
  ];
  test.each(plans)("has $counts of them, also where it is interrupted", async ({ pictures, data, counts, interruptions }) => {
    const recipe = recipeWith(data, counts.length);
    const whole = await run(`whole-${pictures}`, recipe, pictures);
    const stopped = await run(`stopped-${pictures}`, recipe, pictures, interruptions);
    const steps = counts.reduce((sum, count) => sum + count, 0);
    expect(whole.total).toEqual(new Array(steps).fill(steps));
    expect(stopped).toEqual(whole);
    const trained = whole.metrics.split("\n").filter((line) => line.includes('"loss"'));
    expect(trained.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual(
      counts.flatMap((n, i) => new Array(n).fill(i + 1)),
    );
    expect(whole.metrics.match(/"evaluation"/g)).toHaveLength(counts.length);
  });

  test("that would have none at all is refused", async () => {
    await expect(run("none", recipeWith({ lastBatch: "roll-over" }, 1), 3)).rejects.toThrow(
      "photos: all epochs together do not fill one batch of 4. Set data.lastBatch to keep, or train with smaller batches or more epochs.",
    );
  });
});

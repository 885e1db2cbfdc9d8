import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CROWD, type Dataset, DIFFICULT } from "@singleshot/vision";
import { writePicture } from "@singleshot/vision/node";
import { afterAll, expect, test } from "vitest";
import { merge, recipes, resolveRecipe } from "../recipes/index.js";
import { trainingLoader } from "./data.js";

const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const imageFile = join(folder, "grey.png");
await writePicture(imageFile, { data: new Uint8Array(3 * 64 * 64).fill(128), width: 64, height: 64 });

const entry = (id: string, flags: number[]) => ({
  id,
  imageFile,
  width: 64,
  height: 64,
  source: id,
  boxes: Float32Array.from(flags.flatMap((_, i) => [8 * i, 8, 8 * i + 16, 32])),
  labels: Int32Array.from(flags, (_, i) => i + 1),
  flags: Uint8Array.from(flags),
});
const dataset = {
  name: "marked",
  classes: ["one", "two", "three"],
  entries: [entry("mixed", [0, DIFFICULT, CROWD]), entry("hard", [DIFFICULT, DIFFICULT]), entry("empty", [])],
} as unknown as Dataset;

/** The labels that a recipe's training sees of each picture, and what is said. */
async function seen(data: object) {
  const said: string[] = [];
  const recipe = resolveRecipe(merge(recipes.get("mb1-ssd"), { data: { augmentation: "eval", batchSize: 3, lastBatch: "keep", ...data } }));
  const loader = trainingLoader(recipe, dataset, (message) => said.push(message));
  const labels: [string, number[]][] = [];
  for await (using batch of loader.epoch(0)) {
    const padded = [...batch.labels.toTypedArray()].map(Number);
    const columns = padded.length / batch.entries.length;
    for (const [i, { id }] of batch.entries.entries())
      labels.push([id, padded.slice(i * columns, (i + 1) * columns).filter((label) => label > 0)]);
  }
  await loader.close();
  return { labels: Object.fromEntries(labels), said };
}

test("jetson's recipes learn from no difficult object, and from no picture that shows nothing else", async () => {
  expect(await seen({})).toEqual({
    labels: { mixed: [1], empty: [] },
    said: ["left out: 1 picture whose objects are all marked difficult"],
  });
});

test("other recipes learn from them, as GluonCV does", async () => {
  expect(await seen({ difficult: "train" })).toEqual({ labels: { mixed: [1, 2], hard: [1, 2], empty: [] }, said: [] });
});

test("pictures are trained on at the size that training has of its own, padded to one for the batch", async () => {
  const shapes = async (detector: object) => {
    const data = { augmentation: "hflip", batchSize: 3, workers: 0 };
    const loader = trainingLoader(resolveRecipe(merge(recipes.get("ssdlite320"), { detector, data })), dataset, () => {});
    for await (using batch of loader.epoch(0)) return [batch.images.shape, batch.extents?.shape];
  };
  expect(await shapes({})).toEqual([[3, 3, 320, 320], undefined]);
  const trainingInput = { resize: "sides", shortSides: [70], longSide: 100, multiple: 32 };
  expect(await shapes({ trainingInput })).toEqual([
    [3, 3, 96, 96],
    [3, 2],
  ]);
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fuzzCount, mutate, seededRandom } from "@singleshot/testing";
import { augmentationPresets, type DatasetEntry } from "@singleshot/vision";
import { encodePicture } from "@singleshot/vision/node";
import { afterAll, expect, test } from "vitest";
import { Loader } from "./index.js";

const folder = mkdtempSync(join(tmpdir(), "broken-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [width, height] = [64, 48];
const COUNT = fuzzCount(2000); // FUZZ_SCALE=5 is the full number

/** Damaged so that hardly one can be read: cut in the middle, and in other places at random. The last is whole. */
async function brokenPictures(): Promise<DatasetEntry[]> {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 7919) % 256);
  const originals = [await encodePicture({ data, width, height }, ".jpg"), await encodePicture({ data, width, height }, ".png")];
  return Array.from({ length: COUNT + 1 }, (_, i) => {
    const whole = originals[i % 2]!;
    const imageFile = join(folder, `${i}${i % 2 ? ".png" : ".jpg"}`);
    if (i === COUNT) writeFileSync(imageFile, whole);
    else writeFileSync(imageFile, mutate(whole.subarray(0, whole.length / 2), seededRandom(i)).subarray(0, whole.length / 2));
    const marks = { boxes: Float32Array.of(1, 1, 20, 20), labels: Int32Array.of(1), flags: new Uint8Array(1) };
    return { id: `${i}`, imageFile, source: "", width, height, ...marks };
  });
}

test(`${COUNT} broken pictures are all named, and memory does not grow by more than 50 MB`, async () => {
  const entries = await brokenPictures();
  const told = new Set<string>();
  const sizes: number[] = [];
  const loader = new Loader({
    ...{ entries, augmentation: augmentationPresets.ssd, input: { resize: "stretch", width: 32, height: 32 }, batchSize: 8, workers: 1 },
    broken: "skip",
    onBroken: ({ place }) => {
      told.add(place.file!);
      sizes.push(process.memoryUsage.rss());
    },
  });
  let read = 0;
  for await (using batch of loader.epoch(0)) read += batch.entries.length;
  await loader.close();
  expect(told.size + read).toBe(COUNT + 1);
  expect(read).toBeLessThan(COUNT / 100);
  const warm = sizes[Math.floor(sizes.length / 4)]!;
  expect((Math.max(...sizes.slice(-100)) - warm) / 2 ** 20).toBeLessThan(50);
});

import { scope } from "@singleshot/torch";
import type { Dataset, Picture } from "@singleshot/vision";
import { embedPicture } from "@singleshot/vision/node";
import type { Batch } from "../loader/index.js";
import type { Recipe } from "../recipes/index.js";
import { trainingLoader } from "../training/index.js";
import type { MarkedPicture } from "./data.js";
import { shares } from "./worst.js";

const SAMPLES = 8;
const MAX_SIDE_PX = 320;

/** The first pictures of the first epoch exactly as they are trained on, augmented, with their boxes. */
export async function trainingSamples(recipe: Recipe, dataset: Dataset): Promise<MarkedPicture[]> {
  const data = {
    ...recipe.data,
    batchSize: Math.min(SAMPLES, dataset.entries.length),
    workers: 0,
    cacheMegabytes: 0,
    lastBatch: "keep" as const,
  };
  const loader = trainingLoader({ ...recipe, data }, dataset, () => {});
  try {
    for await (using batch of loader.epoch(0)) return await samplesOf(batch, dataset.classes);
    return [];
  } finally {
    await loader.close();
  }
}

async function samplesOf(batch: Batch, classes: readonly string[]): Promise<MarkedPicture[]> {
  const [N, , height, width] = batch.images.shape as [number, number, number, number];
  const { pixels, boxes, labels, counts } = scope(() => ({
    pixels: batch.images.permute([0, 2, 3, 1]).contiguous().toTypedArray<"uint8">(),
    boxes: batch.boxes.toTypedArray(),
    labels: Array.from(batch.labels.toTypedArray<"int64">(), Number),
    counts: Array.from(batch.counts.toTypedArray<"int64">(), Number),
  }));
  const M = labels.length / N;
  const pictures = Array.from({ length: N }, async (_, n): Promise<MarkedPicture> => {
    const size = 3 * width * height;
    const picture: Picture = { data: pixels.slice(n * size, (n + 1) * size), width, height };
    const marks = Array.from({ length: counts[n]! }, (_, m) => {
      const label = labels[n * M + m]!;
      return { box: shares(boxes, n * M + m, picture), role: "sample" as const, label, text: classes[label - 1]!, tagged: false };
    });
    return { picture: await embedPicture(picture, { maxSidePx: MAX_SIDE_PX }), title: batch.entries[n]!.id, marks };
  });
  return Promise.all(pictures);
}

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uniform } from "@singleshot/testing";
import { inspectFile } from "@singleshot/torch/inspect";
import type { Dataset, DatasetEntry } from "@singleshot/vision";
import { writePicture } from "@singleshot/vision/node";
import { merge, type Recipe, recipes, resolveRecipe } from "../recipes/index.js";
import { type TrainOptions, type TrainResult, train } from "../training/index.js";

const SIDE = 64;

/** Pictures of noise with a box each, and runs on them: a quarter of the smallest network's width, at 64 × 64. */
export interface TinyRuns {
  folder: string;
  dataset(pictures: number): Dataset;
  /** Trains into the folder of a name. */
  train(name: string, options: Partial<TrainOptions> & { recipe: Recipe; pictures?: number }): Promise<TrainResult>;
  /** What a run has come to: its checkpoint's tensors and numbers, and its lines. */
  outcome(name: string): { last: unknown; metrics: string };
  /** Its lines, read. */
  lines(name: string): Record<string, number>[];
  remove(): void;
}

export async function tinyRuns(): Promise<TinyRuns> {
  const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
  for (const { imageFile } of entriesIn(folder)) {
    const data = Uint8Array.from(uniform(imageFile, 3 * SIDE * SIDE), (u) => 255 * u);
    await writePicture(imageFile, { data, width: SIDE, height: SIDE });
  }
  return tinyRunsIn(folder);
}

function entriesIn(folder: string): DatasetEntry[] {
  return Array.from({ length: 5 }, (_, i): DatasetEntry => {
    const id = `picture-${i}`;
    const common = { id, imageFile: join(folder, `${id}.png`), source: `${id}.xml`, width: SIDE, height: SIDE };
    return { ...common, boxes: Float32Array.of(8, 10, 40 + i, 44), labels: Int32Array.of(1 + (i % 2)), flags: new Uint8Array(1) };
  });
}

/** In a folder that has the pictures already. */
export function tinyRunsIn(folder: string): TinyRuns {
  const entries = entriesIn(folder);
  const dataset = (pictures: number) =>
    ({ name: "photos", classes: ["bolt", "nut"], entries: entries.slice(0, pictures) }) as Partial<Dataset> as Dataset;
  const metrics = (name: string) => readFileSync(join(folder, name, "metrics.jsonl"), "utf8");
  return {
    folder,
    dataset,
    train: (name, { pictures = 4, ...options }) =>
      train({
        ...{ out: join(folder, name), threads: 1 },
        data: { train: dataset(pictures), evaluation: dataset(2), root: folder },
        ...options,
      }),
    outcome: (name) => ({
      last: inspectFile(join(folder, name, "checkpoints/last.pth"), { digests: true }),
      metrics: metrics(name),
    }),
    lines: (name) =>
      metrics(name)
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Batches of four; what is given goes over it. */
export function tinyRunRecipe(over: object): Recipe {
  const small = {
    detector: { input: { width: SIDE, height: SIDE }, network: { width: 0.25, norm: { eps: 1e-3, momentum: 0.1 } } },
    data: { batchSize: 4, workers: 0 },
    schedule: { name: "cosine", per: "step", epochs: 1, warmupSteps: 1 },
    evaluation: { everyEpochs: 1 },
  };
  return resolveRecipe(merge(merge(recipes.get("ssdlite320-small"), small), over));
}

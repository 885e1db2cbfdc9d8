import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { augmentationPresets, randomOf } from "@singleshot/vision";
import { encodePicture } from "@singleshot/vision/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StreamJob } from "./testing/stream-digest.js";

const folder = mkdtempSync(join(tmpdir(), "stream-"));
afterAll(() => rmSync(folder, { recursive: true }));

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const run = promisify(execFile);

/** Of two sizes, the larger of which are decoded smaller. */
const pictures = Array.from({ length: 14 }, (_, i) => {
  const [width, height] = i % 7 === 6 ? [1700, 1300] : [60 + i, 40];
  return { file: join(folder, `${i}.jpg`), width: width!, height: height!, boxes: [5, 5, width! / 2, height! / 2] };
});

beforeAll(async () => {
  for (const [i, { file, width, height }] of pictures.entries()) {
    const draw = randomOf(i);
    const row = Uint8Array.from({ length: 3 * width }, () => 255 * draw());
    const data = new Uint8Array(3 * width * height);
    for (let y = 0; y < height; y++) data.set(row, y * row.length);
    writeFileSync(file, await encodePicture({ data, width, height }, ".jpg"));
  }
});

/** The digests of two epochs, from a process of its own. */
async function stream(seed: number, job: Partial<StreamJob>, disk?: "slow"): Promise<string[]> {
  const input = { resize: "stretch", width: 48, height: 32 } as const;
  const whole = { pictures, augmentation: augmentationPresets.ssd, input, batchSize: 4, shuffle: true, shrinkOnLoad: true, seed, ...job };
  const slow = disk === "slow" ? ["--import", here("testing/slow-disk.js")] : [];
  const { stdout } = await run(process.execPath, [...slow, here("testing/stream-digest.js"), JSON.stringify(whole)]);
  return stdout.trim().split("\n");
}

interface Variant extends Partial<StreamJob> {
  disk?: "slow";
}

const SHARE: Variant[] = [
  { workers: 7, disk: "slow" },
  { workers: 2, disk: "slow", cacheBytes: 2 ** 20, from: 3 },
];
const FULL: Variant[] = [...SHARE, ...[1, 2, 4, 7].map((workers) => ({ workers })), { workers: 0, disk: "slow" }, { workers: 2, from: 1 }];

const seeds = Number(process.env.STREAM_SEEDS || 1); // 5 for a release
const variants = seeds > 1 ? FULL : SHARE;

test.each(Array.from({ length: seeds }, (_, i) => i + 1))(
  "the stream of seed %i is the same with any number of workers, from a slow disk, and taken up in its middle",
  { timeout: 600_000 },
  async (seed) => {
    const expected = await stream(seed, { workers: 0 });
    expect(new Set(expected).size).toBe(8);
    for (const { disk, ...job } of variants) {
      expect(await stream(seed, job, disk), JSON.stringify({ disk, ...job })).toEqual(expected.slice(job.from ?? 0));
    }
  },
);

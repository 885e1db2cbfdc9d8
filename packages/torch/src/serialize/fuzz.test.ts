import { readFileSync } from "node:fs";
import { fuzzCount, runTrials, seededRandom } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { withFile } from "./input-file.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { fileOf, temporaryFolder } from "./testing/files.js";
import { goodModelFiles, modelFileTargets } from "./testing/fuzz-targets.js";
import { readZipDirectory } from "./zip/index.js";

const folder = temporaryFolder();
const scale = fuzzCount(1);
const timeout = 60_000 * Math.max(1, scale);
const good = goodModelFiles();

describe("damaged model files are refused or read, and nothing else happens", () => {
  test.each(modelFileTargets(folder))("$share $format, $what", { timeout }, async (target) => {
    const trials = fuzzCount(target.share);
    const { failures, refused } = await runTrials(target, { seed: Number(process.env.FUZZ_SEED ?? 1), to: trials });
    expect(failures).toEqual([]);
    expect(refused).toBeGreaterThan(trials / 4); // the damage does something
    expect(good.all.filter(({ path, bytes }) => !readFileSync(path).equals(bytes))).toEqual([]); // and leaves the originals alone
  });
});

describe("bit rot", () => {
  const flips = fuzzCount(200);

  test(`each of ${flips} single-bit flips in tensor data is reported by its record`, { timeout }, () => {
    const random = seededRandom(21);
    const places = good.zips.flatMap(({ bytes, path }) => dataRecords(path).map((record) => ({ bytes, ...record })));
    for (let i = 0; i < flips; i++) {
      const { bytes, name, offset, size } = places[Math.floor(random() * places.length)]!;
      const flipped = Buffer.from(bytes);
      const at = offset + Math.floor(random() * size);
      flipped[at]! ^= 1 << Math.floor(random() * 8);
      const path = fileOf(folder, "flipped.pth", flipped);
      expect(() => readCheckpoint(path)).toThrow(`record ${JSON.stringify(name)} does not have the CRC-32 it was written with`);
    }
  });

  function dataRecords(path: string) {
    return withFile(path, (file) => [...readZipDirectory(file).values()].filter(({ name, size }) => /\/data\/\d+$/.test(name) && size > 0));
  }
});

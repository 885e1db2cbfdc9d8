import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fuzzCount, golden, goldenDir, mutate } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { InputError } from "../errors.js";
import { withFile } from "./input-file.js";
import { inspectFile } from "./inspect.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { fileOf, temporaryFolder } from "./testing/files.js";
import { mutateBinary, seededRandom } from "./testing/mutate-binary.js";
import { buildZip } from "./testing/zip-builder.js";
import { readRecord, readZipDirectory } from "./zip-reader.js";

const folder = temporaryFolder();
const scale = fuzzCount(1); // 50 is the full number
const MEGABYTE = 2 ** 20;

const good = golden<{ files: { file: string; expect: string }[] }>("checkpoints/manifest")
  .files.filter((row) => row.expect === "load")
  .map(({ file }) => ({ file, path: join(goldenDir(), "checkpoints", file), bytes: readFileSync(join(goldenDir(), "checkpoints", file)) }));
const isZip = ({ bytes }: { bytes: Buffer }) => bytes.toString("latin1", 0, 2) === "PK";
const zips = good.filter(isZip);
const safetensors = good.filter(({ file }) => file.endsWith(".safetensors"));
const legacy = good.filter((row) => !zips.includes(row) && !safetensors.includes(row));

/** What a record of a good archive becomes, with checksums that are right again: the pickle reader is what is tried then. */
function repack(path: string, change: (name: string, bytes: Uint8Array) => Uint8Array): Buffer {
  return withFile(path, (file) => {
    const records = [...readZipDirectory(file).values()];
    return buildZip(records.map((record) => ({ name: record.name, bytes: change(record.name, readRecord(file, record)) })));
  });
}

/** Reads and uses a broken file. @returns whether it was refused; anything but an InputError is thrown on */
function survives(path: string): boolean {
  try {
    inspectFile(path, { digests: true, onWarning: () => {} });
    return false;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toMatch(/^.{1,1000}$/);
    return true;
  }
}

function fuzz(name: string, count: number, seed: number, make: (random: () => number, i: number) => Uint8Array): void {
  test(`${count} ${name}`, { timeout: 60_000 * Math.max(1, scale) }, () => {
    const random = seededRandom(seed);
    const before = process.memoryUsage().rss;
    let [refused, slowest, most] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      const path = fileOf(folder, `mutant-${seed}`, make(random, i));
      const start = performance.now();
      if (survives(path)) refused++;
      slowest = Math.max(slowest, performance.now() - start);
      most = Math.max(most, process.memoryUsage.rss() - before);
    }
    if (scale > 1)
      console.log(`${name}: ${refused} of ${count} refused, slowest ${slowest.toFixed(0)} ms, memory +${(most / MEGABYTE).toFixed(0)} MB`);
    expect(slowest).toBeLessThan(2000);
    expect(most).toBeLessThan(500 * MEGABYTE);
    expect(refused).toBeGreaterThan(count / 4); // the mutations do something
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(good.filter(({ path, bytes }) => !readFileSync(path).equals(bytes))).toEqual([]); // the mutations leave their originals alone
    expect(existsSync("pwned-by-checkpoint")).toBe(false);
  });
}

const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)]!;

describe("mutated files are refused or read, and nothing else happens", () => {
  fuzz("zip archives", fuzzCount(700), 11, (random) => mutateBinary(pick(zips, random).bytes, random, pick(good, random).bytes));
  fuzz("pickles in sound archives", fuzzCount(700), 12, (random) => {
    const other = pick(zips, random).bytes;
    return repack(pick(zips, random).path, (name, bytes) => (name.endsWith("/data.pkl") ? mutateBinary(bytes, random, other) : bytes));
  });
  fuzz("legacy files", fuzzCount(600), 13, (random) => mutateBinary(pick(legacy, random).bytes, random, pick(good, random).bytes));
  fuzz("safetensors", fuzzCount(1000), 14, (random) => mutateBinary(pick(safetensors, random).bytes, random, pick(good, random).bytes));
  fuzz("safetensors headers", fuzzCount(1000), 15, (random) => {
    const { bytes } = pick(safetensors, random);
    const end = 8 + Number(bytes.readBigUInt64LE());
    const header = mutate(new Uint8Array(bytes.subarray(8, end)), random);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, header, bytes.subarray(end)]);
  });
});

describe("bit rot", () => {
  const flips = fuzzCount(200);

  test(`each of ${flips} single-bit flips in tensor data is reported by its record`, { timeout: 60_000 * Math.max(1, scale) }, () => {
    const random = seededRandom(21);
    const places = zips.flatMap(({ bytes, path }) => dataRecords(path).map((record) => ({ bytes, ...record })));
    for (let i = 0; i < flips; i++) {
      const { bytes, name, offset, size } = pick(places, random);
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

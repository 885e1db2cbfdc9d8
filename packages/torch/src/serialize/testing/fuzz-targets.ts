import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "@singleshot/base";
import { type FuzzTarget, golden, goldenDir, mutate } from "@singleshot/testing";
import { withFile } from "../input-file.js";
import { inspectFile } from "../inspect.js";
import { readRecord, readZipDirectory } from "../zip/index.js";
import { fileOf } from "./files.js";
import { mutateBinary } from "./mutate-binary.js";
import { buildZip } from "./zip-builder.js";

export interface GoodFile {
  path: string;
  bytes: Buffer;
}

/** The model files of the golden numbers that must be read, by their form. */
export function goodModelFiles(): Record<"all" | "zips" | "legacy" | "safetensors", GoodFile[]> {
  const rows = golden<{ files: { file: string; expect: string }[] }>("checkpoints/manifest").files.filter(
    ({ expect }) => expect === "load",
  );
  const all = rows.map(({ file }) => ({
    path: join(goldenDir(), "checkpoints", file),
    bytes: readFileSync(join(goldenDir(), "checkpoints", file)),
  }));
  const zips = all.filter(({ bytes }) => bytes.toString("latin1", 0, 2) === "PK");
  const safetensors = all.filter(({ path }) => path.endsWith(".safetensors"));
  return { all, zips, safetensors, legacy: all.filter((file) => !zips.includes(file) && !safetensors.includes(file)) };
}

/** Model files damaged from outside, and from inside with sums that are right again. */
export function modelFileTargets(folder: string): FuzzTarget[] {
  const { all, zips, legacy, safetensors } = goodModelFiles();
  const binary = (files: readonly GoodFile[]) => (draw: () => number) => mutateBinary(pick(files, draw).bytes, draw, pick(all, draw).bytes);
  const rows: Omit<FuzzTarget, "isRefused">[] = [
    { format: ".pth", what: "zip archives", share: 700, full: 35_000, damaged: binary(zips) },
    { format: ".pth", what: "pickles in sound archives", share: 700, full: 35_000, damaged: damagedPickle(zips) },
    { format: ".pth", what: "legacy files", share: 600, full: 30_000, damaged: binary(legacy) },
    { format: ".safetensors", what: "files", share: 1000, full: 50_000, damaged: binary(safetensors) },
    { format: ".safetensors", what: "headers", share: 1000, full: 50_000, damaged: damagedHeader(safetensors) },
  ];
  return rows.map((row) => ({ ...row, isRefused: (bytes) => isRefused(fileOf(folder, "mutant", bytes)) }));
}

const pick = <T>(list: readonly T[], draw: () => number): T => list[Math.floor(draw() * list.length)]!;

/** With checksums that are right again: the pickle reader is what is tried then. */
const damagedPickle = (zips: readonly GoodFile[]) => (draw: () => number) => {
  const other = pick(zips, draw).bytes;
  return withFile(pick(zips, draw).path, (file) => {
    const records = [...readZipDirectory(file).values()].map((record) => ({ name: record.name, bytes: readRecord(file, record) }));
    return buildZip(
      records.map(({ name, bytes }) => ({ name, bytes: name.endsWith("/data.pkl") ? mutateBinary(bytes, draw, other) : bytes })),
    );
  });
};

const damagedHeader = (files: readonly GoodFile[]) => (draw: () => number) => {
  const { bytes } = pick(files, draw);
  const end = 8 + Number(bytes.readBigUInt64LE());
  const header = mutate(new Uint8Array(bytes.subarray(8, end)), draw);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, bytes.subarray(end)]);
};

/** Reads and uses a file. Anything but one short message is thrown on. */
function isRefused(path: string): boolean {
  const error = errorOf(() => inspectFile(path, { digests: true, onWarning: () => {} }));
  if (existsSync("pwned-by-checkpoint")) throw new Error("code of the file has run");
  if (error === undefined) return false;
  if (!(error instanceof InputError)) throw error;
  if (!/^.{1,1000}$/.test(error.message)) throw new Error(`a message of more than one line: ${error.message}`);
  return true;
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

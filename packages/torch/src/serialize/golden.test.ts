import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { InputError } from "@singleshot/base";
import { golden, goldenDir, reviveNumber } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { inspectFile } from "./inspect.js";
import { type CheckpointValue, flatten, isRawTensor } from "./pickle/index.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { readSafetensors } from "./safetensors/index.js";
import { elements } from "./testing/elements.js";

interface GoldenValue {
  path: (string | number)[];
  value?: null | boolean | number | string;
  empty?: "dict" | "list";
  dtype?: string;
  shape?: number[];
  values?: (number | boolean | string)[];
  parameter?: boolean;
  requires_grad?: boolean;
}

interface GoldenFile {
  file: string;
  expect: "load" | "reject" | "load-or-reject";
  note: string;
  contents?: GoldenValue[];
}

const { files } = golden<{ files: GoldenFile[] }>("checkpoints/manifest");
const MEGABYTE = 2 ** 20;

// The manifest lists for these two the weights after an optimizer step that its generator took later. torch 1.13 and 2.13 themselves read from them
// the weights before it, which are those of zip_state_dict.pth. A manifest that is put right passes too.
const writtenBeforeTheStep = ["zip_torch1.13.pth", "legacy_torch1.13.pth"];
const beforeTheStep = files.find(({ file }) => file === "zip_state_dict.pth")?.contents ?? [];

function read(path: string): CheckpointValue {
  return path.endsWith(".safetensors") ? readSafetensors(path).tensors : readCheckpoint(path);
}

describe("every golden checkpoint", () => {
  test.each(files)("$file ($expect): $note", ({ file, expect: expected, contents = [] }) => {
    const path = join(goldenDir(), "checkpoints", file);
    const [start, memory] = [performance.now(), process.memoryUsage().rss];
    const result = attempt(() => read(path));
    expect(performance.now() - start).toBeLessThan(2000);
    expect(process.memoryUsage().rss - memory).toBeLessThan(100 * MEGABYTE);
    for (const folder of [".", join(goldenDir(), "checkpoints")]) expect(existsSync(resolve(folder, "pwned-by-checkpoint"))).toBe(false);
    if (expected === "load") expect(result.error).toBeUndefined();
    if (expected === "reject") expect(result.error).toBeDefined();
    if (result.error) expectGoodMessage(result.error, path);
    else if (writtenBeforeTheStep.includes(file)) expectEither(result.value!, contents, beforeTheStep);
    else if (contents.length > 0) expectContents(result.value!, contents);
  });

  test("inspect agrees with the readers", () => {
    for (const { file, contents = [] } of files.filter((row) => row.expect === "load")) {
      const found = inspectFile(join(goldenDir(), "checkpoints", file), { digests: true });
      const theirs = contents.flatMap(({ path, dtype, shape }) => (dtype ? [{ key: path.join("."), dtype, shape }] : []));
      expect(new Set(found.tensors.map(({ key, dtype, shape }) => ({ key, dtype, shape })))).toEqual(new Set(theirs)); // safetensors sort by type
      for (const { sha256 } of found.tensors) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});

function attempt<T>(run: () => T): { value?: T; error?: Error } {
  try {
    return { value: run() };
  } catch (error) {
    return { error: error as Error };
  }
}

function expectGoodMessage(error: Error, path: string): void {
  expect(error).toBeInstanceOf(InputError);
  expect(error.message.startsWith(`${path}: `)).toBe(true);
  expect(error.message).not.toMatch(/\n/);
  expect(error.message.length - path.length).toBeLessThan(500);
}

function expectEither(value: CheckpointValue, contents: GoldenValue[], others: GoldenValue[]): void {
  if (attempt(() => expectContents(value, contents)).error) expectContents(value, others);
}

/** Everything that is listed is there, and nothing else. */
function expectContents(value: CheckpointValue, contents: GoldenValue[]): void {
  for (const theirs of contents) {
    const ours = theirs.path.reduce<unknown>(step, value);
    if (theirs.empty) expect(ours).toEqual(theirs.empty === "dict" ? new Map() : []);
    else if (!theirs.dtype) expect(typeof ours === "bigint" ? ours.toString() : ours, theirs.path.join(".")).toEqual(theirs.value);
    else expectTensor(ours, theirs);
  }
  expect(flatten(value)).toHaveLength(contents.filter(({ empty }) => !empty).length);
}

function step(value: unknown, key: string | number): unknown {
  if (value instanceof Map) return value.get(key);
  return Array.isArray(value) ? value[key as number] : undefined;
}

function expectTensor(ours: unknown, { path, dtype, shape, values, parameter, requires_grad }: GoldenValue): void {
  if (!isRawTensor(ours)) throw new Error(`${path.join(".")} is not a tensor`);
  expect([ours.dtype, ours.shape]).toEqual([dtype, shape]);
  expect([ours.parameter ?? false, ours.requiresGrad ?? false]).toEqual([parameter ?? false, requires_grad ?? false]);
  const theirs = values!.map((element) => reviveNumber(element));
  expect(elements(ours).map((element) => listed(element, dtype!))).toEqual(theirs.map((element) => listed(element, dtype!)));
}

/** The golden files list a float32 by its shortest decimal, a long integer by its digits. */
function listed(element: unknown, dtype: string): unknown {
  if (dtype === "int64") return String(element);
  return typeof element === "number" && dtype !== "float64" ? Math.fround(element) : element;
}

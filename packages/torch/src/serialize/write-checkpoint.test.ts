import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withFile } from "./input-file.js";
import { inspectFile } from "./inspect.js";
import { type CheckpointValue, isRawTensor, Namespace, tuple } from "./pickle/index.js";
import { rawTensor } from "./raw-tensor.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { writeSafetensors } from "./safetensors/index.js";
import { temporaryFolder } from "./testing/files.js";
import { writeCheckpoint } from "./write-checkpoint.js";
import { readZipDirectory } from "./zip/index.js";

const folder = temporaryFolder();
const path = join(folder, "model.pth");
const floats = (count: number) => rawTensor("float32", [count], new Uint8Array(4 * count));

test("every record begins at a multiple of 64 bytes", () => {
  writeCheckpoint(path, new Map([1, 2, 3, 1000].map((count) => [`tensor.${count}`, floats(count)])));
  const records = withFile(path, (file) => [...readZipDirectory(file).values()]);
  expect(records.map(({ name }) => name)).toContain("archive/data/3");
  expect(records.filter(({ offset }) => offset % 64 !== 0)).toEqual([]);
});

test("tensors that share a storage are written once and share it again", () => {
  const whole = floats(10_000);
  const half = { ...whole, shape: [5_000], offset: 5_000 };
  writeCheckpoint(path, [whole, half, whole]);
  expect(statSync(path).size).toBeLessThan(42_000);
  const [a, b, c] = readCheckpoint(path) as CheckpointValue[];
  if (!isRawTensor(a) || !isRawTensor(b) || !isRawTensor(c)) throw new Error("not tensors");
  expect([b.storage, c.storage]).toEqual([a.storage, a.storage]);
  expect(b.storage).toBe(a.storage);
});

test("a Namespace is written as a plain dictionary", () => {
  writeCheckpoint(path, new Map([["args", new Namespace([["lr", 0.1]])]]));
  const args = (readCheckpoint(path) as Map<string, unknown>).get("args");
  expect([args instanceof Namespace, args]).toEqual([false, new Map([["lr", 0.1]])]);
});

describe("what a checkpoint cannot hold is our own mistake, and nothing is written", () => {
  const loop: CheckpointValue[] = [];
  loop.push(loop);
  const rows: [name: string, value: unknown, message: string][] = [
    ["undefined", undefined, "cannot hold [object Undefined]"],
    ["an object", [{ a: 1 }], "cannot hold [object Object]"],
    ["a function", new Map([["f", () => 1]]), "cannot hold [object Function]"],
    ["bytes", new Uint8Array(3), "cannot hold bytes (make a uint8 tensor of them)"],
    ["half a surrogate pair", "\ud800", "half a surrogate pair"],
    ["a list in itself", loop, "nested more than 256 levels deep, or contain itself"],
    ["an integer of 300 bytes", 1n << 2400n, "an integer of more than 255 bytes"],
    ["a view past its storage", { ...floats(4), offset: 1 }, "reach past the 4 elements"],
    ["a tensor of another type", { ...floats(4), dtype: "int32" }, "int32 in a storage of float32"],
    ["half an element", rawTensor("float32", [1], new Uint8Array(6)), "half an element"],
  ];
  test.each(rows)("%s", (_, value, message) => {
    const untouched = join(folder, "never.pth");
    expect(() => writeCheckpoint(untouched, value as CheckpointValue)).toThrow(message);
    expect(statSync(untouched, { throwIfNoEntry: false })).toBeUndefined();
  });
});

test("whatever is written can be read: what is too much is refused before the file is touched", () => {
  const untouched = join(folder, "untouched.pth");
  const nested = (levels: number): CheckpointValue => (levels === 0 ? [] : [nested(levels - 1)]);
  for (let levels = 250; levels < 260; levels++) {
    try {
      writeCheckpoint(path, nested(levels));
    } catch (error) {
      expect((error as Error).message).toMatch(/nested more than 256 levels/);
      continue;
    }
    expect(readCheckpoint(path)).toEqual(nested(levels));
  }
  const stretched = { ...floats(1), shape: [2 ** 26], stride: [0] };
  expect(() => writeCheckpoint(untouched, stretched)).toThrow("its tensors have 268435456 bytes when copied");
  expect(() => writeCheckpoint(untouched, "x".repeat(2 ** 25))).toThrow("33554432 are the limit");
  expect(statSync(untouched, { throwIfNoEntry: false })).toBeUndefined();
});

test("inspect lists metadata by path, tensors with digests, and classes", () => {
  const value = new Map<string, CheckpointValue>([
    ["model", new Map([["fc.weight", floats(0)]])],
    ["epoch", 7],
    ["seed", 2n ** 60n],
    [
      "args",
      new Map<string, CheckpointValue>([
        ["lr", 0.02],
        ["steps", [16, 22]],
        ["name", null],
      ]),
    ],
    ["betas", tuple(0.9, 0.999)],
    ["classes", ["RBC", "WBC"]],
  ]);
  writeCheckpoint(path, value);
  const sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; // of nothing
  expect(inspectFile(path, { digests: true })).toEqual({
    format: "pth-zip",
    metadata: new Map<string, unknown>([
      ...([
        ["epoch", 7],
        ["seed", "1152921504606846976"],
        ["args.lr", 0.02],
        ["args.steps", [16, 22]],
        ["args.name", null],
      ] as [string, unknown][]),
      ...([
        ["betas", [0.9, 0.999]],
        ["classes", ["RBC", "WBC"]],
      ] as [string, unknown][]),
    ]),
    tensors: [{ key: "model.fc.weight", dtype: "float32", shape: [0], sha256 }],
    classes: ["RBC", "WBC"],
  });
  const safe = join(folder, "model.safetensors");
  writeSafetensors(
    safe,
    new Map([["w", floats(2)]]),
    new Map([
      ["classes", '["RBC","WBC"]'],
      ["format", "pt"],
    ]),
  );
  const metadata = new Map([
    ["classes", '["RBC","WBC"]'],
    ["format", "pt"],
  ]);
  expect(inspectFile(safe)).toEqual({
    format: "safetensors",
    metadata,
    tensors: [{ key: "w", dtype: "float32", shape: [2] }],
    classes: ["RBC", "WBC"],
  });
});

test("safetensors refuse what they have no word for", () => {
  const safe = join(folder, "never.safetensors");
  const complex = rawTensor("complex128", [1], new Uint8Array(16));
  expect(() => writeSafetensors(safe, new Map([["z", complex]]))).toThrow('cannot hold the tensor "z" of complex128');
  expect(() => writeSafetensors(safe, new Map([["__metadata__", floats(1)]]))).toThrow('cannot hold the tensor "__metadata__"');
  expect(() => writeSafetensors(safe, new Map([["\ud800", floats(1)]]))).toThrow("half a surrogate pair");
});

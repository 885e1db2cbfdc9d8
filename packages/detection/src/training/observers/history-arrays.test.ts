import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@singleshot/vision";
import { afterEach, beforeEach, expect, test } from "vitest";
import { historyArrays } from "./history-arrays.js";
import { npyBytes } from "./npy.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "singleshot-history-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const metrics = () => join(root, "metrics.jsonl");
const record = (...lines: object[]) => appendFileSync(metrics(), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

/** Of one dimension and float64, read from the definition. */
function readNpy(file: string): number[] {
  const bytes = readFileSync(file);
  expect(bytes.toString("latin1", 0, 8)).toBe("\x93NUMPY\x01\x00");
  const start = 10 + bytes.readUInt16LE(8);
  const [, shape] = /^\{'descr': '<f8', 'fortran_order': False, 'shape': \((\d+),\), \} *\n$/.exec(bytes.toString("latin1", 10, start))!;
  expect([start % 64, bytes.length - start]).toEqual([0, 8 * Number(shape)]);
  return Array.from({ length: Number(shape) }, (_, i) => bytes.readDoubleLE(start + 8 * i));
}

test("an array file begins its numbers at a multiple of 64 bytes, however long its header", () => {
  for (const length of [0, 1, 9, 10, 1234]) expect((npyBytes(new Float64Array(length)).length - 8 * length) % 64).toBe(0);
});

test("arrays follow the metrics, and forget with them what a resumed run does again", () => {
  const arrays = { "log.npy": ({ loss }: { loss?: number }) => loss, "log_acc.npy": ({ accuracy }: { accuracy?: number }) => accuracy };
  const observe = () => historyArrays(arrays);
  const first = observe();
  first.started({ root });
  record({ step: 1, loss: 0.1 }, { step: 2, loss: 1e-300 }, { step: 2, accuracy: 0.5 });
  first.saved();
  record({ step: 3, loss: 7 });
  first.saved();
  const read = () => Object.keys(arrays).map((name) => readNpy(join(root, name)));
  expect(read()).toEqual([[0.1, 1e-300, 7], [0.5]]);

  truncateSync(metrics(), readFileSync(metrics(), "utf8").indexOf('{"step":3'));
  const second = observe();
  second.started({ root });
  record({ step: 3, loss: 6 }, { step: 3, accuracy: 1 });
  second.saved();
  expect(read()).toEqual([
    [0.1, 1e-300, 6],
    [0.5, 1],
  ]);
});

test("a training that goes on from another keeps its numbers in front; another begins anew", () => {
  const file = join(root, "log.npy");
  const observe = (goOn: boolean) => {
    const observer = historyArrays({ "log.npy": ({ loss }) => loss as number }, { goOn });
    observer.started({ root });
    record({ loss: 3 });
    observer.saved();
    record({ loss: 4 });
    observer.ended();
    rmSync(metrics());
    return readNpy(file);
  };
  expect(observe(true)).toEqual([3, 4]);
  writeFileSync(file, npyBytes([0.5, 0.25]));
  expect(observe(true)).toEqual([0.5, 0.25, 3, 4]);
  writeFileSync(file, float32Array([0.5, 0.25]));
  expect(observe(true)).toEqual([0.5, 0.25, 3, 4]);
  expect(observe(false)).toEqual([3, 4]);
});

/** As numpy 1 writes an array of float32, in the format's version 2. */
function float32Array(values: readonly number[]): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length},), }\n`;
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x02\x00", "latin1"),
    length,
    Buffer.from(header),
    Buffer.from(Float32Array.from(values).buffer),
  ]);
}

test.each([
  ["a text", Buffer.from("not an array")],
  ["an array of two dimensions", Buffer.from(npyBytes([1, 2])).fill("(1,2)", 59, 64)],
  ["one that was cut off", Buffer.from(npyBytes([1, 2])).subarray(0, -1)],
  [
    "one of integers",
    Buffer.from(
      Buffer.from(npyBytes([1, 2]))
        .toString("latin1")
        .replace("<f8", "<i8"),
      "latin1",
    ),
  ],
])("%s is nothing to go on with", (_, bytes) => {
  const file = join(root, "log.npy");
  writeFileSync(file, bytes);
  const observer = historyArrays({ "log.npy": ({ loss }) => loss as number }, { goOn: true });
  expect(() => observer.started({ root })).toThrow(
    new InputError("no .npy file of floats in one dimension", { file, fix: "move it away, and a new one is begun" }),
  );
});

const python = process.env.SINGLESHOT_PYTHON;
const hasNumpy = python !== undefined && spawnSync(python, ["-c", "import numpy"]).status === 0;

test.skipIf(!hasNumpy)("numpy reads the arrays", () => {
  const observer = historyArrays({ "log.npy": ({ loss }) => loss as number });
  observer.started({ root });
  record({ loss: 0.1 }, { loss: -3 });
  observer.saved();
  const script = "import sys, numpy; a = numpy.load(sys.argv[1]); print(a.dtype, a.shape, a.tolist())";
  expect(spawnSync(python!, ["-c", script, join(root, "log.npy")], { encoding: "utf8" }).stdout).toBe("float64 (2,) [0.1, -3.0]\n");
});

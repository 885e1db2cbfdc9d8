import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

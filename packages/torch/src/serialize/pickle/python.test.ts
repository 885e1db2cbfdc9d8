import { join } from "node:path";
import { fuzzCount } from "@singleshot/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RawTensor } from "../raw-tensor.js";
import { readCheckpoint } from "../read-checkpoint.js";
import { writeSafetensors } from "../safetensors/index.js";
import { describeValue } from "../testing/describe.js";
import { temporaryFolder } from "../testing/files.js";
import { askPython, python, pythonHas } from "../testing/peer.js";
import { checkpointValue, sharedTensors } from "../testing/random-value.js";
import { writeCheckpoint } from "../write-checkpoint.js";

const folder = temporaryFolder();
const count = fuzzCount(200);
const reason = python ? "" : " (skipped: SINGLESHOT_PYTHON names no Python with torch)";

describe.skipIf(!python)(`torch.save and torch.load${reason}`, () => {
  test("random checkpoints of Python, zip and legacy, are read as they were", () => {
    for (const [i, theirs] of askPython("write", folder, count, 7).entries()) {
      expect(describeValue(readCheckpoint(join(folder, `theirs-${i}.pth`))), `theirs-${i}.pth`).toEqual(theirs);
    }
  });

  test("random checkpoints of ours are read with weights_only=True as they were", () => {
    const values = fc.sample(checkpointValue(), { numRuns: count, seed: 8 });
    for (const [i, value] of values.entries()) writeCheckpoint(join(folder, `ours-${i}.pth`), value);
    const theirs = askPython("read", folder, count);
    for (const [i, value] of values.entries()) expect(theirs[i], `ours-${i}.pth`).toEqual(describeValue(value));
  });

  test.skipIf(!pythonHas("safetensors"))("random safetensors of ours are read by the safetensors package as they were", () => {
    const models = fc.sample(sharedTensors(), { numRuns: count, seed: 9 }).map((tensors) => {
      return new Map(tensors.filter(({ dtype }) => dtype !== "complex128").map((tensor, i) => [`tensor.${i}`, tensor]));
    });
    for (const [i, model] of models.entries()) writeSafetensors(join(folder, `ours-${i}.safetensors`), model, new Map([["format", "pt"]]));
    const theirs = askPython("read_safetensors", folder, count);
    for (const [i, model] of models.entries()) expect(elementsOf(theirs[i])).toEqual(elementsOf(describeValue(model)));
  });
});

/** Safetensors keep neither strides nor shared storages. */
function elementsOf(told: unknown): unknown {
  const { dict } = told as { dict: [string, RawTensor & { sha256: string }][] };
  return dict.map(([key, { dtype, shape, sha256 }]) => [key, dtype, shape, sha256]);
}

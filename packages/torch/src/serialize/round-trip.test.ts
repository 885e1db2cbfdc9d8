import { join } from "node:path";
import { fuzzCount } from "@singleshot/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { digest } from "./raw-tensor.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { readSafetensors, writeSafetensors } from "./safetensors/index.js";
import { describeValue } from "./testing/describe.js";
import { temporaryFolder } from "./testing/files.js";
import { checkpointValue, sharedTensors } from "./testing/random-value.js";
import { writeCheckpoint } from "./write-checkpoint.js";

const folder = temporaryFolder();
const numRuns = fuzzCount(200);

test("what is written is read again: values, order, strides, shared storages", () => {
  const path = join(folder, "value.pth");
  const roundTrip = fc.property(checkpointValue(), (value) => {
    writeCheckpoint(path, value);
    expect(describeValue(readCheckpoint(path))).toEqual(describeValue(value));
  });
  fc.assert(roundTrip, { numRuns, seed: 1 });
});

test("tensors written as safetensors have the same elements", () => {
  const path = join(folder, "value.safetensors");
  const names = fc.uniqueArray(
    fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__"),
    { minLength: 3, maxLength: 3 },
  );
  const metadata = fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }))).map((entries) => new Map(entries));
  const roundTrip = fc.property(sharedTensors(), names, metadata, (tensors, keys, texts) => {
    const model = new Map(tensors.filter(({ dtype }) => dtype !== "complex128").map((tensor, i) => [keys[i]!, tensor]));
    writeSafetensors(path, model, texts);
    const read = readSafetensors(path);
    expect(read.metadata).toEqual(texts);
    const told = (entries: typeof model) => [...entries].map(([key, tensor]) => [key, tensor.dtype, tensor.shape, digest(tensor)]).sort();
    expect(told(read.tensors)).toEqual(told(model));
  });
  fc.assert(roundTrip, { numRuns, seed: 2 });
});

import { createHash } from "node:crypto";
import { crc32 as reference } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesPerElement } from "../dtype.js";
import { contiguousBytes, digest, elementCount, isContiguous, type RawTensor, rawTensor } from "./raw-tensor.js";
import { sharedTensors } from "./testing/random-value.js";
import { crc32, crc32ByTable } from "./zip/index.js";

/** By the definition: element [i, j, …] is element offset + i · stride[0] + j · stride[1] + … of the storage. */
function byDefinition({ dtype, shape, stride, offset, storage }: RawTensor): Uint8Array {
  const size = bytesPerElement[dtype];
  const indices = shape.reduce<number[]>(
    (starts, length, d) => starts.flatMap((start) => Array.from({ length }, (_, i) => start + i * stride[d]!)),
    [offset],
  );
  return Buffer.concat(indices.map((index) => storage.bytes.subarray(index * size, (index + 1) * size)));
}

test("contiguousBytes gathers what the definition says, from aligned and other storages", () => {
  fc.assert(
    fc.property(sharedTensors(), fc.integer({ min: 0, max: 7 }), (tensors, shift) => {
      const { storage } = tensors[0]!;
      const bytes = new Uint8Array(storage.bytes.length + shift).subarray(shift);
      bytes.set(storage.bytes);
      for (const tensor of tensors) {
        const moved = { ...tensor, storage: { ...storage, bytes } };
        expect(Buffer.from(contiguousBytes(moved)).equals(byDefinition(tensor))).toBe(true);
        expect(digest(moved)).toBe(createHash("sha256").update(byDefinition(tensor)).digest("hex"));
        expect(contiguousBytes(moved).length).toBe(elementCount(tensor.shape) * bytesPerElement[tensor.dtype]);
      }
    }),
    { numRuns: 100, seed: 3 },
  );
});

test("a contiguous tensor's bytes are a view, another's a copy", () => {
  const tensor = rawTensor("float32", [2, 3], new Uint8Array(24));
  expect(contiguousBytes(tensor).buffer).toBe(tensor.storage.bytes.buffer);
  const turned = { ...tensor, shape: [3, 2], stride: [1, 3] };
  expect([isContiguous(tensor), isContiguous(turned)]).toEqual([true, false]);
  expect(contiguousBytes(turned).buffer).not.toBe(tensor.storage.bytes.buffer);
});

test("the stride of one element does not matter, nor does any of an empty tensor", () => {
  const tensor = rawTensor("uint8", [1, 4], new Uint8Array(4));
  expect(isContiguous({ ...tensor, stride: [77, 1] })).toBe(true);
  expect(isContiguous({ ...tensor, shape: [0, 4], stride: [5, 9] })).toBe(true);
});

test("the checksum is zlib's, with and without its help", () => {
  expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926); // the check value of CRC-32
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      expect([crc32(bytes), crc32ByTable(bytes)]).toEqual([reference(bytes), reference(bytes)]);
    }),
    { seed: 4 },
  );
});

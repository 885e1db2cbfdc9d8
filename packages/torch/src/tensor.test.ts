import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DType, fromBuffer, fromBytes, ops, scope, tensor } from "./index.js";
import { expectTensor } from "./testing/index.js";

describe("memory is shared, not copied", () => {
  test("a tensor on a typed array: writes are seen on both sides", () => {
    const numbers = new Float32Array([1, 2, 3, 4]);
    using x = fromBuffer(numbers, [2, 2]);
    numbers[3] = 10;
    expectTensor(x, [
      [1, 2],
      [3, 10],
    ]);
    x.mul_(2);
    expect([...numbers]).toEqual([2, 4, 6, 20]);
  });

  test("a SharedArrayBuffer, from an offset", () => {
    const shared = new SharedArrayBuffer(32);
    using x = fromBuffer(new Int32Array(shared, 8, 3));
    x.fill_(7);
    expect([...new Int32Array(shared)]).toEqual([0, 0, 7, 7, 7, 0, 0, 0]);
  });

  test("toSharedView shows the tensor's own memory, also after it was disposed", () => {
    const x = ops.zeros([3]);
    const [view, again] = [x.toSharedView(), x.toSharedView()];
    x.add_(1);
    again[0] = 5;
    expect([...view]).toEqual([5, 1, 1]);
    x.dispose();
    expect([...view]).toEqual([5, 1, 1]);
  });

  test("a view of a view shares: address and offset tell", () => {
    using x = tensor([0, 1, 2, 3, 4, 5]);
    using tail = x.narrow(0, 2, 3);
    expect(tail.storage).toEqual({ address: x.storage.address, offset: 2, bytes: 24 });
    tail.fill_(9);
    expectTensor(x, [0, 1, 9, 9, 9, 5]);
  });

  test("pictures as bytes in HWC are channels-last without a copy", () => {
    const pixels = Uint8Array.from({ length: 2 * 4 * 5 * 3 }, (_, i) => i);
    scope(() => {
      const images = fromBuffer(pixels, [2, 4, 5, 3]).permute([0, 3, 1, 2]);
      expect(images.shape).toEqual([2, 3, 4, 5]);
      expect(images.isContiguous("channelsLast")).toBe(true);
      expect(images.isContiguous()).toBe(false);
      expect(images.select(0, 1).select(0, 2).select(0, 3).select(0, 4).item()).toBe(((1 * 4 + 3) * 5 + 4) * 3 + 2);
    });
  });

  test("the array outlives its last JavaScript reference as long as the tensor does", () => {
    const x = scope(() => fromBuffer(Float32Array.from({ length: 1000 }, (_, i) => i)));
    for (let i = 0; i < 200; i++) new Float32Array(100_000).fill(i);
    expect(x.sum().item()).toBe(499_500);
    x.dispose();
  });
});

describe("copies", () => {
  test("toTypedArray gives elements in row-major order whatever the strides", () => {
    scope(() => {
      const x = tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      expect([...x.permute([1, 0]).toTypedArray()]).toEqual([1, 4, 2, 5, 3, 6]);
      expect([...x.narrow(1, 1, 1).expand([2, 2]).toTypedArray()]).toEqual([2, 2, 5, 5]);
      const copy = x.toTypedArray();
      copy[0] = 100;
      expect(x.select(0, 0).select(0, 0).item()).toBe(1);
    });
  });

  test("tensor copies typed arrays, Node's Buffer too", () => {
    const bytes = Buffer.from([1, 2, 3]);
    using x = tensor(bytes);
    bytes[0] = 9;
    expect(x.dtype).toBe("uint8");
    expectTensor(x, [1, 2, 3]);
  });

  test("empty tensors and scalars", () => {
    scope(() => {
      expect(tensor(3).shape).toEqual([]);
      expect(tensor(3).item()).toBe(3);
      expect(tensor([]).shape).toEqual([0]);
      expect(tensor([[], []]).shape).toEqual([2, 0]);
      expect(ops.zeros([2, 0]).toTypedArray().length).toBe(0);
      expect(ops.zeros([0]).toSharedView().length).toBe(0);
      expect(fromBuffer(new Float32Array(0)).size).toBe(0);
    });
  });

  test("what goes in comes out, for every element type", () => {
    const samples: [DType, number[]][] = [
      ["bool", [0, 1]],
      ["uint8", [0, 255]],
      ["int8", [-128, 127]],
      ["int16", [-32768, 32767]],
      ["int32", [-(2 ** 31), 16_777_217]],
      ["float32", [0.5, -3]],
      ["float64", [0.1, 1e300]],
    ];
    for (const [dtype, values] of samples) {
      using x = tensor(values, { dtype });
      expect(x.dtype).toBe(dtype);
      expect([...(x.toTypedArray<DType>() as Iterable<number>)], dtype).toEqual(values);
    }
    using long = tensor([2 ** 52, -7], { dtype: "int64" });
    expect([...long.toTypedArray<"int64">()]).toEqual([2n ** 52n, -7n]);
  });

  test("16-bit floats come as their bits, complex numbers in pairs", () => {
    using half = tensor([1, -2], { dtype: "float16" });
    expect([...half.toTypedArray<"float16">()]).toEqual([0x3c00, 0xc000]);
    using brain = tensor([1, -2], { dtype: "bfloat16" });
    expect([...brain.toTypedArray<"bfloat16">()]).toEqual([0x3f80, 0xc000]);
    using complex = fromBuffer(new Float32Array([1, 2, 3, 4]), [2], { dtype: "complex64" });
    expect([...complex.mul(complex).toTypedArray()]).toEqual([-3, 4, -7, 24]);
  });

  test("nested arrays of any shape come back as they were", () => {
    const nested = fc
      .array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })
      .chain((shape) => fc.record({ shape: fc.constant(shape), seed: fc.integer({ min: 0, max: 999 }) }));
    fc.assert(
      fc.property(nested, ({ shape, seed }) => {
        const build = ([side, ...rest]: number[], base: number): unknown =>
          side === undefined ? base : Array.from({ length: side }, (_, i) => build(rest, base * 5 + i));
        const values = build(shape, seed) as number[];
        using x = tensor(values);
        expect(x.shape).toEqual(shape);
        expectTensor(x, values);
      }),
      { numRuns: 50 },
    );
  });

  test("arrays that are not of one size, and what is no number, are refused", () => {
    const wrong = (values: unknown) => () => tensor(values as number[]);
    expect(wrong([[1, 2], [3]])).toThrow("tensor: an array of 2 was expected, not [ 3 ]");
    expect(wrong([[1, 2], [3], [4, 5, 6]])).toThrow("tensor: an array of 2 was expected, not [ 3 ]");
    expect(wrong([[1], 2])).toThrow("tensor: an array of 1 was expected, not 2");
    expect(wrong([1, [2]])).toThrow("tensor: a number was expected, not [ 2 ]");
    expect(wrong(undefined)).toThrow("tensor: a number was expected, not undefined");
    expect(wrong(["1"])).toThrow("tensor: a number was expected, not '1'");
    expect(() => tensor([1.5], { dtype: "int64" })).toThrow("The number 1.5 cannot be converted to a BigInt because it is not an integer");
  });
});

describe("bytes", () => {
  test("little-endian elements of any type, from an odd place too", () => {
    const bytes = Buffer.from([9, 1, 0, 0, 0, 2, 1, 0, 0, 0]).subarray(1, 9);
    expect(bytes.byteOffset % 4).not.toBe(0);
    using x = fromBytes(bytes, "int32", [2]);
    expect([...x.toTypedArray<"int32">()]).toEqual([1, 258]);
  });

  test("aligned bytes are not copied", () => {
    const bytes = new Uint8Array(8);
    using x = fromBytes(bytes, "float32", [2]);
    x.fill_(1);
    expect([...bytes]).toEqual([0, 0, 128, 63, 0, 0, 128, 63]);
  });
});

describe("lent memory stays where it is", () => {
  test("a buffer that is too short for the shape is refused", () => {
    expect(() => fromBuffer(new Float32Array(5), [2, 3])).toThrow("the buffer holds 20 bytes, the shape needs 24");
    expect(() => fromBuffer(new Float32Array(4), [-1])).toThrow("a shape has no negative sides");
  });

  test("a resizable buffer is refused", () => {
    const buffer = Reflect.construct(ArrayBuffer, [16, { maxByteLength: 64 }]) as ArrayBuffer;
    expect(() => fromBuffer(new Float32Array(buffer))).toThrow("a resizable buffer cannot be lent to a tensor: its memory may vanish");
  });

  test("a lent buffer cannot be transferred away", () => {
    const numbers = new Float32Array([1, 2]);
    using x = fromBuffer(numbers);
    try {
      structuredClone(numbers.buffer, { transfer: [numbers.buffer] }); // Node 20 copies instead, Node 24 throws
    } catch {}
    expect(numbers.length).toBe(2);
    expectTensor(x, [1, 2]);
  });

  test("a buffer that was transferred before has nothing to lend", () => {
    const numbers = new Float32Array([1, 2]);
    structuredClone(numbers.buffer, { transfer: [numbers.buffer] });
    expect(() => fromBuffer(numbers, [2])).toThrow("the buffer holds 0 bytes, the shape needs 8");
  });
});

test("a tensor prints its type and shape, and its elements when they are few", () => {
  using x = tensor([
    [1, 2],
    [3, 4],
  ]);
  using large = ops.zeros([10, 10]);
  expect(String(x)).toBe("Tensor float32 [2, 2]");
  expect(inspect(x)).toBe("Tensor float32 [2, 2] [ 1, 2, 3, 4 ]");
  expect(inspect(large)).toBe("Tensor float32 [10, 10]");
});

test("an integer stays an integer, a fraction does not, and -0 keeps its sign", () => {
  scope(() => {
    const x = tensor([4, 5], { dtype: "int64" });
    expect(x.add(1).dtype).toBe("int64");
    expect(x.add(0.5).dtype).toBe("float32");
    expect(Object.is(tensor([1]).mul(-0).item(), -0)).toBe(true);
    expect([...x.add(2 ** 52).toTypedArray<"int64">()]).toEqual([2n ** 52n + 4n, 2n ** 52n + 5n]);
  });
});

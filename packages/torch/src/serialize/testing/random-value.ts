import fc from "fast-check";
import { bytesPerElement, type DType } from "../../dtype.js";
import { type CheckpointKey, type CheckpointValue, tuple } from "../pickle/index.js";
import { elementCount, type RawStorage, type RawTensor, rowMajorStride } from "../raw-tensor.js";

const dtypes = Object.keys(bytesPerElement) as DType[];

/** A storage and views of it: rows and columns swapped, cut, stretched, stepped over. */
export function sharedTensors(): fc.Arbitrary<RawTensor[]> {
  const storage = fc.tuple(fc.constantFrom(...dtypes), fc.integer({ min: 0, max: 40 })).chain(([dtype, length]) => {
    const byte = dtype === "bool" ? fc.integer({ min: 0, max: 1 }) : fc.integer({ min: 0, max: 255 });
    const size = length * bytesPerElement[dtype];
    return fc.array(byte, { minLength: size, maxLength: size }).map((bytes) => ({ dtype, bytes: Uint8Array.from(bytes), key: "" }));
  });
  return storage.chain((shared) => fc.array(view(shared), { minLength: 1, maxLength: 3 }));
}

function view(storage: RawStorage): fc.Arbitrary<RawTensor> {
  const length = storage.bytes.length / bytesPerElement[storage.dtype];
  const place = {
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
    offset: fc.integer({ min: 0, max: 10 }),
    order: fc.nat(),
  };
  return fc.record({ ...place, repeated: fc.boolean(), parameter: fc.boolean() }).map(({ shape, offset, order, repeated, parameter }) => {
    const turned = order % 2 ? rowMajorStride(shape) : rowMajorStride(shape.toReversed()).toReversed();
    const stride = turned.map((step, d) => (repeated && d === 0 ? 0 : step));
    const last = shape.reduce((sum, size, d) => sum + (size - 1) * stride[d]!, offset);
    const fits = elementCount(shape) === 0 ? offset <= length : last < length;
    const flat = { shape: [length], stride: [1], offset: 0 };
    const floats = /float/.test(storage.dtype);
    const grad = parameter && floats ? { parameter: true, requiresGrad: order % 3 === 0 } : {};
    return { dtype: storage.dtype, storage, ...(fits ? { shape, stride, offset } : flat), ...grad };
  });
}

const key: fc.Arbitrary<CheckpointKey> = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
  fc.constantFrom("__proto__", "constructor", "", "a.b", "\n"),
  fc.integer(),
);

/** Any value that a checkpoint can hold, with a few sets of tensors that share storages. */
export function checkpointValue(): fc.Arbitrary<CheckpointValue> {
  return fc.array(sharedTensors(), { maxLength: 3 }).chain((sets) => {
    const tensors = sets.flat();
    const scalar: fc.Arbitrary<CheckpointValue>[] = [
      fc.constantFrom(null, true, false, Number.NaN, -0, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, 2 ** 60 * 3),
      fc.integer(),
      fc.double(),
      fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }).filter((value) => !Number.isSafeInteger(Number(value))),
      fc.string({ unit: "grapheme" }),
    ];
    const leaf =
      tensors.length > 0
        ? fc.oneof(...scalar, { weight: 8, arbitrary: fc.constantFrom<CheckpointValue>(...tensors) })
        : fc.oneof(...scalar);
    return fc.letrec<{ value: CheckpointValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        leaf,
        fc.array(tie("value"), { maxLength: 4 }),
        fc.array(tie("value"), { maxLength: 4 }).map((items) => tuple(...items)),
        fc.array(fc.tuple(key, tie("value")), { maxLength: 6 }).map((entries) => new Map(entries)),
      ),
    })).value;
  });
}

import { type CheckpointValue, isRawTensor, isTuple } from "../pickle/index.js";
import { digest, type RawStorage } from "../raw-tensor.js";

/**
 * A value as plain JSON that tells all there is to compare: types, order of keys, strides, which tensors share a storage. `peer.ts` has the same
 * in Python.
 */
export function describeValue(root: CheckpointValue): unknown {
  const storages = new Map<RawStorage, number>();
  const describe = (value: CheckpointValue): unknown => {
    if (value === null || typeof value === "boolean" || typeof value === "string") return value;
    if (typeof value === "bigint") return { int: value.toString() };
    if (typeof value === "number") return describeNumber(value);
    if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
    if (value instanceof Map) return { dict: [...value].map(([key, item]) => [describe(key), describe(item)]) };
    if (!isRawTensor(value)) return { [isTuple(value) ? "tuple" : "list"]: value.map(describe) };
    const { dtype, shape, stride, offset, storage, requiresGrad = false, parameter = false } = value;
    if (storage.bytes.length > 0 && !storages.has(storage)) storages.set(storage, storages.size);
    return { dtype, shape, stride, offset, storage: storages.get(storage) ?? -1, requiresGrad, parameter, sha256: digest(value) };
  };
  return describe(root);
}

/** JavaScript does not tell 1.0 from 1, so nobody may here. */
function describeNumber(value: number): unknown {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { int: String(value) };
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return { float: Number.isNaN(value) ? "nan" : bytes.toString("hex") };
}

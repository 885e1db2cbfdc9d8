import { type arrayTypes, bytesPerElement, type DType } from "../dtype.js";
import { Tensor } from "../ops.generated.js";
import { keep, scope } from "../scope.js";
import { fromBytes } from "../tensor.js";
import { withFile } from "./input-file.js";
import { type CheckpointValue, isRawTensor, isTuple, tuple } from "./pickle/index.js";
import type { RawStorage, RawTensor } from "./raw-tensor.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { readSafetensors, writeSafetensors } from "./safetensors/index.js";
import { sniffFormat } from "./sniff.js";
import { writeCheckpoint } from "./write-checkpoint.js";

/** A checkpoint with Tensors where the file has tensors: dictionaries are Maps, tuples frozen arrays. */
export type Saved = null | boolean | number | bigint | string | Uint8Array | Tensor | readonly Saved[] | Map<unknown, unknown>;

/**
 * Reads a `.pth` (zip or legacy) or a `.safetensors`, which is a dictionary of tensors; which it is tells its content, not its name. The
 * caller owns the tensors; they lie on the memory that was read, views of one storage still share it.
 * @throws InputError on anything that is damaged, dishonest or would have to run code
 */
export function load(path: string): Saved {
  if (withFile(path, sniffFormat) === "safetensors") return loadSafetensors(path).tensors;
  const storages = new Map<RawStorage, Tensor>();
  try {
    return scope(() => revive(readCheckpoint(path), storages));
  } finally {
    for (const flat of storages.values()) flat.dispose();
  }
}

/**
 * Writes a `.pth` that PyTorch loads with `weights_only=True`, whole or not at all. Storages are written once, straight from their memory.
 *
 * @param metadata texts for `loadMetadata`, which PyTorch does not see: what a bare state dict cannot say of itself
 */
export function save(path: string, value: Saved, metadata: ReadonlyMap<string, string> = new Map()): void {
  const storages: Storages = new Map();
  scope(() => writeCheckpoint(path, plain(value, storages), metadata));
}

/** The tensors of a `.safetensors` file, owned by the caller, and its metadata. */
export function loadSafetensors(path: string): { tensors: Map<string, Tensor>; metadata: Map<string, string> } {
  const { tensors, metadata } = readSafetensors(path);
  return { tensors: new Map([...tensors].map(([key, raw]) => [key, keep(scope(() => toTensor(raw, new Map())))])), metadata };
}

export function saveSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): void {
  scope(() => {
    const raw = [...tensors].map(([key, tensor]): [string, RawTensor] => [key, toRaw(tensor.contiguous(), new Map())]);
    writeSafetensors(path, new Map(raw), new Map(metadata));
  });
}

function revive(value: CheckpointValue, storages: Map<RawStorage, Tensor>): Saved {
  if (isRawTensor(value)) return keep(toTensor(value, storages));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, revive(item, storages)]));
  if (Array.isArray(value)) {
    const items = value.map((item) => revive(item, storages));
    return isTuple(value) ? tuple(...items) : items;
  }
  return value as Saved;
}

function plain(value: unknown, storages: Storages): CheckpointValue {
  if (value instanceof Tensor) return toRaw(value, storages);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, plain(item, storages)]));
  if (Array.isArray(value)) {
    const items = value.map((item) => plain(item, storages));
    return isTuple(value) ? tuple(...items) : items;
  }
  return value as CheckpointValue;
}

function toTensor({ shape, stride, offset, storage }: RawTensor, storages: Map<RawStorage, Tensor>): Tensor {
  let flat = storages.get(storage);
  if (!flat) {
    flat = keep(fromBytes(storage.bytes, storage.dtype, [storage.bytes.length / bytesPerElement[storage.dtype]]));
    storages.set(storage, flat);
  }
  return flat.asStrided(shape, stride, { storageOffset: offset });
}

/** What was written already, by address and length of the memory and the type it is read as. */
type Storages = Map<string, RawStorage>;

/** The tensor's own memory, all of its storage: other tensors may look into the same. */
function toRaw(tensor: Tensor, storages: Storages): RawTensor {
  const { dtype, shape, strides } = tensor;
  const { address, offset, bytes } = tensor.storage;
  const place = `${address} ${bytes} ${dtype}`;
  let storage = storages.get(place);
  if (!storage) {
    const flat = tensor.detach().asStrided([bytes / bytesPerElement[dtype]], [1], { storageOffset: 0 });
    storage = { dtype, bytes: bytesOf(flat), key: String(storages.size) };
    if (bytes > 0) storages.set(place, storage);
  }
  return { dtype, shape, stride: strides, offset, storage };
}

function bytesOf(flat: Tensor): Uint8Array {
  const view = flat.toSharedView<DType>() as InstanceType<(typeof arrayTypes)[DType]>;
  return new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
}

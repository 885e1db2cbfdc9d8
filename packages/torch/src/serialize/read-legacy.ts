import { InputError } from "@singleshot/base";
import { bytesPerElement } from "../dtype.js";
import { checkBooleans, damaged, dataView, quote, uint64 } from "./bytes.js";
import type { InputFile } from "./input-file.js";
import {
  type CheckpointValue,
  checkValue,
  MAX_PICKLE_BYTES,
  type PersistentLoad,
  type PickledStorage,
  readPickle,
  storageLoader,
} from "./pickle/index.js";

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/**
 * Reads a checkpoint in the format of PyTorch before 1.6: five pickles (a magic number, a version, the writer's machine, the value, the keys of
 * its storages), then the storages in the order of their keys, each after its number of elements. It has no checksums.
 */
export function readLegacyCheckpoint(file: InputFile): CheckpointValue {
  const head = file.read(0, Math.min(file.size, MAX_PICKLE_BYTES));
  let at = 0;
  const next = (load: PersistentLoad = noStorage) => {
    const { value, end } = readPickle(head, at, load);
    at = end;
    return value;
  };
  if (next() !== MAGIC) throw new InputError("a pickle, not a checkpoint", { fix: "save it with torch.save" });
  if (next() !== PROTOCOL)
    throw new InputError("an unknown version of the legacy checkpoint format", { fix: "save it again with a newer PyTorch" });
  const machine = next();
  if (!(machine instanceof Map) || machine.get("little_endian") !== true)
    throw new InputError("only checkpoints of little-endian machines are read");
  const storages = new Map<string, PickledStorage>();
  const start = at;
  const value = next(storageLoader(storages, () => new Uint8Array())); // filled below
  const pickleBytes = at - start;
  const keys = next();
  readStorages(file, at, keys, storages);
  return checkValue(value, { pickleBytes, fileBytes: file.size });
}

function noStorage(): never {
  damaged("a storage stands where none may be");
}

/** Fills the storages that the pickle declared. */
function readStorages(file: InputFile, start: number, keys: unknown, storages: Map<string, PickledStorage>): void {
  const left = new Map(storages);
  let at = start;
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = typeof key === "string" ? left.get(key) : undefined;
    if (!storage) damaged("the file has a storage that its value does not use, or the same one twice");
    left.delete(key);
    const length = uint64(dataView(file.read(at, 8)), 0);
    if (length !== storage.length) damaged(`storage ${quote(key)} has ${length} elements, ${storage.length} were announced`);
    storage.raw.bytes = file.read(at + 8, length * bytesPerElement[storage.raw.dtype]);
    checkBooleans(storage.raw.dtype, storage.raw.bytes, `storage ${quote(key)}`);
    at += 8 + storage.raw.bytes.length;
  }
  if (left.size > 0) damaged(`storage ${quote([...left.keys()][0]!)} is missing`);
  if (at !== file.size) damaged(`${file.size - at} bytes follow the last storage`);
}

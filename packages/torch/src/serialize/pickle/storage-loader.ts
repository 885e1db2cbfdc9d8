import { bytesPerElement } from "../../dtype.js";
import { checkBooleans, damaged, quote } from "../bytes.js";
import { PickleGlobal } from "./globals.js";
import type { PersistentLoad } from "./machine.js";
import { PickledStorage } from "./rebuild-tensor.js";
import { isTuple } from "./value.js";

const MAX_LENGTH = Number.MAX_SAFE_INTEGER / 16; // elements, so that the number of bytes is exact

/**
 * Makes the storages that a pickle refers to, each once, so that tensors share it who shared it when they were saved.
 *
 * @param bytesOf gives the bytes, or nothing where they come later
 */
export function storageLoader(
  storages: Map<string, PickledStorage>,
  bytesOf: (key: string, byteLength: number) => Uint8Array,
): PersistentLoad {
  return (id) => {
    const { dtype, key, length } = storageId(id);
    const known = storages.get(key);
    if (known && (known.raw.dtype !== dtype || known.length !== length)) damaged(`storage ${quote(key)} is described in two ways`);
    if (known) return known;
    const bytes = bytesOf(key, length * bytesPerElement[dtype]);
    checkBooleans(dtype, bytes, `storage ${quote(key)}`);
    const storage = new PickledStorage({ dtype, bytes, key }, length);
    storages.set(key, storage);
    return storage;
  };
}

/**
 * Reads `("storage", class, key, location, elements)`. The legacy format has a sixth entry, for views of storages, which PyTorch has long
 * ceased to write. The location (`cuda:0`) is left out: what is read lies in main memory.
 */
function storageId(id: unknown) {
  if (!isTuple(id) || id[0] !== "storage" || id.length < 5 || id.length > 6)
    damaged("the pickle refers to something that is not a storage");
  const [, storageClass, key, location, length, view = null] = id;
  const dtype = storageClass instanceof PickleGlobal ? storageClass.storage : undefined;
  if (!dtype || typeof key !== "string" || typeof location !== "string" || view !== null)
    damaged("the pickle refers to an unknown kind of storage");
  const possible = typeof length === "number" && Number.isSafeInteger(length) && length >= 0 && length <= MAX_LENGTH;
  if (!possible) damaged(`storage ${quote(key)} has an impossible length`);
  return { dtype, key, length };
}

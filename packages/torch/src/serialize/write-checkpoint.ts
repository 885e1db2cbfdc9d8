import { writeFileAtomic } from "@singleshot/base/atomic-file";
import { metadataRecord } from "./metadata.js";
import { type CheckpointValue, checkValue, readPickle, storageLoader, writePickle } from "./pickle/index.js";
import type { RawStorage } from "./raw-tensor.js";
import { zipArchive } from "./zip/index.js";

/**
 * Writes a checkpoint in PyTorch's zip format, which `torch.load(weights_only=True)` reads in PyTorch 1.13 and later: plain data and tensors only
 * (1.13 itself knows no floats there; what holds some it reads with `weights_only=False`). A storage is written once, however many tensors look
 * into it, straight from its memory. The file appears whole or not at all (`writeFileAtomic`).
 *
 * @param metadata texts that travel beside the value, in a record of their own, which PyTorch leaves unread
 */
export function writeCheckpoint(path: string, value: CheckpointValue, metadata: ReadonlyMap<string, string> = new Map()): void {
  const { pickle, storages } = writePickle(value);
  checkReadable(pickle, storages);
  const records = [
    { name: "archive/data.pkl", bytes: pickle },
    { name: "archive/byteorder", bytes: Buffer.from("little") },
    ...storages.map(({ bytes }, key) => ({ name: `archive/data/${key}`, bytes })),
    { name: "archive/version", bytes: Buffer.from("3\n") },
    ...metadataRecord("archive", metadata),
  ];
  writeFileAtomic(path, zipArchive(records));
}

/** Nobody shall find out at the next start that what was saved is more than the reader takes. Milliseconds: the storages are not copied. */
function checkReadable(pickle: Uint8Array, storages: readonly RawStorage[]): void {
  const load = storageLoader(new Map(), (key) => storages[Number(key)]!.bytes);
  const fileBytes = storages.reduce((total, { bytes }) => total + bytes.length, pickle.length);
  checkValue(readPickle(pickle, 0, load).value, { pickleBytes: pickle.length, fileBytes });
}

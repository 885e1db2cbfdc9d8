import { writeFileAtomic } from "./atomic-file.js";
import type { CheckpointValue } from "./checkpoint-value.js";
import { writePickle } from "./pickle-writer.js";
import { zipArchive } from "./zip-writer.js";

/**
 * Writes a checkpoint in PyTorch's zip format, which `torch.load(weights_only=True)` reads in PyTorch 1.13 and later: plain data and tensors only (1.13 itself
 * knows no floats there; what holds some it reads with `weights_only=False`).
 * A storage is written once, however many tensors look into it, straight from its memory. The file appears whole or not at all (`writeFileAtomic`).
 */
export function writeCheckpoint(path: string, value: CheckpointValue): void {
  const { pickle, storages } = writePickle(value);
  const records = [
    { name: "archive/data.pkl", bytes: pickle },
    { name: "archive/byteorder", bytes: Buffer.from("little") },
    ...storages.map(({ bytes }, key) => ({ name: `archive/data/${key}`, bytes })),
    { name: "archive/version", bytes: Buffer.from("3\n") },
  ];
  writeFileAtomic(path, zipArchive(records));
}

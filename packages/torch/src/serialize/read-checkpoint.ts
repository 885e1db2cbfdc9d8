import { InputError } from "@singleshot/base";
import { type InputFile, withFile } from "./input-file.js";
import type { CheckpointValue } from "./pickle/index.js";
import { readLegacyCheckpoint } from "./read-legacy.js";
import { readZipCheckpoint } from "./read-zip.js";
import { type FileFormat, sniffFormat } from "./sniff.js";

export interface ReadCheckpointOptions {
  /** Told of what is suspicious but no error: a file without checksums. By default a Node warning. */
  onWarning?: (message: string) => void;
}

/**
 * Reads a checkpoint that `torch.save` or `writeCheckpoint` wrote (`.pth`, `.pt`, `.bin`), in the zip or the legacy format. Nothing in the file
 * is ever called, and each number in it is checked before it is used. The storages are buffers of their own, read once, shared by the tensors
 * that shared them.
 *
 * Throws an InputError that names the file and what is wrong with it.
 */
export function readCheckpoint(path: string, { onWarning = warn }: ReadCheckpointOptions = {}): CheckpointValue {
  return withFile(path, (file) => readOpenCheckpoint(file, sniffFormat(file), onWarning));
}

/** @param format any, so that a file of another one is refused by its name */
export function readOpenCheckpoint(file: InputFile, format: FileFormat, onWarning: (message: string) => void): CheckpointValue {
  if (format === "pth-zip") return readZipCheckpoint(file, onWarning);
  if (format === "pth-legacy") return readLegacyCheckpoint(file);
  throw new InputError(`a ${format} file, not a PyTorch checkpoint`, { fix: "name a .pth file" });
}

export function warn(message: string): void {
  process.emitWarning(message);
}

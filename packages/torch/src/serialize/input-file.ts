import { closeSync, openSync, readSync, statSync } from "node:fs";
import { InputError } from "@singleshot/base";
import { damaged } from "./bytes.js";

/** A file to read in pieces. */
export interface InputFile {
  path: string;
  size: number;
  /** Gives exactly these bytes, in a buffer of their own. Throws an InputError when the file does not hold them. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
}

/** Opens a file for the time of a call; an InputError thrown in it learns the file's name. */
export function withFile<T>(path: string, use: (file: InputFile) => T): T {
  try {
    if (!statSync(path).isFile()) throw new InputError("not a file", { fix: "name a checkpoint, not a folder or a device" });
    const descriptor = openSync(path, "r");
    try {
      return use(openFile(path, descriptor));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw asInputError(error, path);
  }
}

function openFile(path: string, descriptor: number): InputFile {
  const { size } = statSync(path);
  const read = (offset: number, length: number) => {
    if (offset < 0 || length < 0 || offset + length > size) {
      damaged(`${length} bytes are wanted at byte ${offset}, the file has ${size}`);
    }
    const bytes = allocate(length);
    for (let done = 0; done < length; ) {
      const count = readSync(descriptor, bytes, done, Math.min(length - done, 2 ** 30), offset + done);
      if (count === 0) throw new InputError("the file became shorter while it was read", { fix: "wait until it is complete" });
      done += count;
    }
    return bytes;
  };
  return { path, size, read };
}

function allocate(length: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch {
    throw new InputError(`a part of ${length} bytes is too large for this machine's memory`);
  }
}

function asInputError(error: unknown, file: string): unknown {
  if (error instanceof InputError) return new InputError(error.problem, { file, ...error.place });
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (!code || !syscall) return error; // a mistake of ours
  if (code === "ENOENT") return new InputError("no such file", { file });
  return new InputError(`cannot be read (${code})`, { file, fix: "check the path and its permissions" });
}
